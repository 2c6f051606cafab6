"""The rows of contracts and of what belongs to them."""
