"""What customers write, before and beside the trained classifier: hygiene, tokens and entities."""
