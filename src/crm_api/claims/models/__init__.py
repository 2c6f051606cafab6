"""The file of a claim, who has a part in it, what is done and paid."""
