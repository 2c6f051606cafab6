"""The contract, what it covers, and how it changes."""
