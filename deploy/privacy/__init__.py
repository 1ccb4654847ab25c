"""`python -m deploy.privacy`: rights of the people whose data is kept, keys, and retention."""
