"""WhatsApp through Twilio: what comes in, what goes out, and what is known of its delivery."""
