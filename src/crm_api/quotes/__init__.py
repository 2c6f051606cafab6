"""Quotes (devis): a risk, its price by dated figures, and what the customer answered."""
