"""Rights of the people whose data is kept: what there is of them, moving it to new keys, and its end."""
