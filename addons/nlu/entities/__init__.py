"""The entities of the dialogue, one module per kind; all but documents work on folded text."""
