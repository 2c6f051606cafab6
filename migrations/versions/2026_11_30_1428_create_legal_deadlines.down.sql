DROP TABLE legal_deadlines
