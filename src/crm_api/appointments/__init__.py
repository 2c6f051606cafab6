"""Who meets whom, when and where; who is free (domain.md B-13)."""
