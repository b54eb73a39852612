"""What is known of the carrier, as tables and pure functions: parameters, encodings, replies, numbers."""
