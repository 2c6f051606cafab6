"""What campaigns brought: touches, the five models of credit, and the results."""
