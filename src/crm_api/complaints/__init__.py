"""Complaints (réclamations) as what they are in law: register, deadlines, an answer that two people sign."""
