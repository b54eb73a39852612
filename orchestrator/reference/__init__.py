"""What is documented of names beside the tables of parameters and keys, and how every page is shown."""
