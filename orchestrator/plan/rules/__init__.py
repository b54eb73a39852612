"""What a plan is advised to do or not to do: one file a rule; `registry.py` lists them, `rulebook.py` judges."""
