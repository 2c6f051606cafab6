DROP TABLE quotes
