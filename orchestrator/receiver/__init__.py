"""The StatusCallback endpoint: takes what the carrier says of a call, has it committed, then answers."""
