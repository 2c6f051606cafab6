"""Claims (sinistres), from the declaration to the last recourse (domain.md B-27 to B-29)."""
