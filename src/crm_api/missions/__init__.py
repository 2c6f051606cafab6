"""Who is sent where, to do what, and what came of it (domain.md B-6)."""
