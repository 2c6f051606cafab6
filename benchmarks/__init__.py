"""`make bench`: the real application beside bare asyncpg handlers, in one process, driven in turns."""
