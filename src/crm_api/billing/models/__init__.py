"""What is due, what was paid, and the legal clock between the two."""
