"""Phone numbers and text from outside: which numbers are one person, how they are written, and what is safe to show."""
