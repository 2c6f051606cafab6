"""The catalogue: products, formulas, coverages, tariffs and taxes, all of it dated data."""
