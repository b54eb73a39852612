"""What the journal answers people and commands, by subject: as of one moment, or inside a transaction."""
