"""What customers say when they are asked: satisfaction, recommendation, effort (domain.md B-39)."""
