"""What comes in and goes out of the promises of time."""
