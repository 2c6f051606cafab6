"""What colleagues say to each other: rooms of teams, of objects, private ones (domain.md B-43)."""
