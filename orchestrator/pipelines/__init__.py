"""What a pipeline makes of the outputs of commands: the summary of a job, and one comment on a request."""
