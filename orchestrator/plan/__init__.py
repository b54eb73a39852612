"""Turns YAML text and data files into a plan, its resolved calls, and everything that is wrong with them.

`load.py` is the way in: `yaml/` reads the text, `schema/` checks its shape, `policy/` reads each key of the policy,
`rows/` and `lists/` stream the data files, and `resolve.py` makes the calls. `targets.py` reads target files.
"""
