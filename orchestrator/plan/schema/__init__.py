"""The JSON Schemas of plans and target files, and a document judged by them in plain words."""
