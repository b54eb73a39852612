"""May this call start now, and if not, when and why? What comes next? Pure: state and time are arguments."""
