"""Files of numbers that are never rung, and of dates on which nobody is."""
