"""Premiums and money: what is due, what was paid, what is asked for again (domain.md B-24 to B-26, 0.6)."""
