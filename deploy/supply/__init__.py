"""What the bot is made of: the locked libraries, their licences and known holes, and no secret beside."""
