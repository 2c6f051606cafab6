"""What happens by itself to customers, step by step: welcome, renewal, birthday, win-back (B-37)."""
