"""Checks of what customers pay with: the BR Code of a PIX and the digitable line of a slip."""
