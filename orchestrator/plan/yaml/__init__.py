"""The YAML dialect of plans and target files: nodes that keep their characters and their places."""
