"""`doctor`: what is wrong with the environment of a run, found out without dialing; a file for each kind of check."""
