"""Contracts of insurance: a dated projection of the policy system, or our own in stand-alone mode."""
