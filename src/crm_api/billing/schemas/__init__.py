"""What comes in and goes out about premiums and payments."""
