"""What comes in about claims and what goes out."""
