"""What goes in and out of quotes."""
