"""Billing of a Brazilian Internet provider: everything that is true without Rasa."""
