"""What is said to many at once: campaigns, who approved them, who got what, and which words worked (B-35)."""
