"""What the rules of countries ask of plans: facts with their sources and dates, and what checks them."""
