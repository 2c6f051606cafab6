"""What a mail may be at most. Beyond it, the mail is kept as it came and read as far as it goes."""

MIB = 1024 * 1024
LARGEST_MAIL = 32 * MIB
"""Bytes on the wire: 30 MB, and the headers of those who forwarded it."""
MOST_PARTS = 2_000
"""Parts that are looked at; what follows is not read."""
MOST_NESTED = 40
"""Parts that hold parts. More is no letter: the reader of the standard library would take minutes."""
MOST_FILES = 50
MOST_REFERENCES = 50
LONGEST_TEXT = 20_000
"""Characters of a message, as tickets hold them."""
LONGEST_HTML = 100_000
LONGEST_SUBJECT = 300
LONGEST_ADDRESS = 254
LONGEST_NAME = 160
LONGEST_MESSAGE_ID = 300
MOST_HOPS = 50
"""`Received` lines; more is a loop."""
