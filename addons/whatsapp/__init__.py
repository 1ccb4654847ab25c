"""The WhatsApp channel on Twilio: a durable inbox, one turn at a time per sender, a durable outbox."""
