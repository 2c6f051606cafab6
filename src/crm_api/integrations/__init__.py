"""What other systems tell us in bulk, and whether we agree with them (domain.md 0.4, E-13)."""
