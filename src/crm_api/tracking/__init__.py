"""The visits of the insurer's site: the collector, sessions, goals, and whose they are."""
