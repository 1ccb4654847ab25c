"""A desk's webhook that answers from memory."""

from __future__ import annotations


class FakeWebhook:
    """Keeps what was posted; `takes` is what it answers."""

    def __init__(self):
        self.takes = True
        self.posts = []

    def post(self, message):
        self.posts.append(message)
        return self.takes

    def types(self):
        return [message["type"] for message in self.posts]
