"""Everything about a customer on one page (domain.md B-9): one call, one statement."""
