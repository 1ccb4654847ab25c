"""What the operator's commands on the bot's database share: the settings, the database, and what fails."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from billing.database import open_database
from billing.settings import SettingsError, settings
from billing.vault import Vault
from deploy.person import Unusable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

UNUSABLE = 2


def carry_out(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Do what the command line says, on the configured database.

    Args:
        parser: Gives `work`, a function of what was parsed, the settings, the database and the vault.
        arguments: Instead of the process's own.

    Returns:
        What `work` returned, or 2 when nothing could be done; standard error says why.
    """
    given = parser.parse_args(arguments)
    try:
        configured = settings()
        engine = open_database(configured.database_url)
        try:
            status: int = given.work(given, configured, engine, Vault.from_settings(configured))
        finally:
            engine.dispose()
    except (SettingsError, Unusable) as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    except SQLAlchemyError as error:
        # Its own text may hold the database's address with the password.
        sys.stderr.write(f"O banco de dados não respondeu ({type(error).__name__}); confira DATABASE_URL.\n")
        return UNUSABLE
    return status
