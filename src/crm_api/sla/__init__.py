"""Promises of time: which holds, until when, and why (domain.md B-31)."""
