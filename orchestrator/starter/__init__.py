"""The files of a new repository of call plans, which `orchestrate init` fills in: `files/` has their texts."""
