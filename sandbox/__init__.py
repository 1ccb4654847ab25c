"""Stand-ins for the outside world, so that the bot runs whole on a laptop. Imports nothing of the product."""
