"""The statements behind premiums and payments."""
