"""Where claims are kept."""
