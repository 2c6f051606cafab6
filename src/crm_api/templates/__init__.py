"""What customers are written: merge fields, layout, versions, languages, what an SMS costs (B-36)."""
