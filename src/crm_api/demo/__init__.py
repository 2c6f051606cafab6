"""The companies of the demonstration: fictitious people, real rules."""
