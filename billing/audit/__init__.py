"""The audit trail: who saw which invoice, and which write was asked, allowed and done.

A row is written before what it tells of leaves, in the same call: when it cannot be written, nothing is
revealed and nothing is asked of the ERP. Rows hold no content (no amounts, no codes, no documents).

Every key is derived from PII_INDEX_KEY and from none of PII_ENCRYPTION_KEYS: those rotate and are thrown
away, while a trail must be checked for as long as it is kept; the oldest index key stays, also when a new
one makes the look-ups. Each use has its own derivation label. Whoever has that key and the database can
write a trail of their own; whoever has the database alone cannot change a row unseen.
"""

from __future__ import annotations

from billing.audit.people import Person, PersonRegister
from billing.audit.trail import Attempt, Audit, AuditEvent, Step
from billing.audit.verification import Fault, Finding, NotIntact, Report, drop_before, verify

__all__ = [
    "Attempt",
    "Audit",
    "AuditEvent",
    "Fault",
    "Finding",
    "NotIntact",
    "Person",
    "PersonRegister",
    "Report",
    "Step",
    "drop_before",
    "verify",
]
