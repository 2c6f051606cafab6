"""What the domain takes and answers."""
