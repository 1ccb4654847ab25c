"""What the processes write about themselves: structured, tied to a turn, and without personal data."""

from billing.logs.masking import RedactingFilter, mask
from billing.logs.setup import configure

__all__ = ["RedactingFilter", "configure", "mask"]
