"""The main job: list what is open, let the customer choose, deliver."""
