"""A Twilio that runs on a laptop: the messages, content and typing calls, callbacks, and people who write."""
