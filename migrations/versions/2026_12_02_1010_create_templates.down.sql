DROP TABLE templates
