"""What the law and the market allow: dated rows, never constants (domain.md 0.6)."""
