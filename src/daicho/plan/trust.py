"""Whose bytes may run code here: reading a pickle runs what is in it, put there by whoever writes to a shared store.

What this project alone writes, into an SQLite file in its own folder, is its own. Of any other store, results in a
format that runs code are read only if the project's configuration allows that format.
"""

from __future__ import annotations

import os
from pathlib import Path

from daicho import formats
from daicho.errors import DeclarationError, UntrustedError
from daicho.plan.prepare import Context
from daicho.record import OutputRecord, Record


def fetch(context: Context, record: Record, output: OutputRecord) -> Path:
    """An output's bytes on this machine, verified, for somebody who is going to read them.

    Raises:
        UntrustedError: If reading them would run code that somebody else may have written.
        CorruptError, StoreError: As the ledger's own `fetch`.
    """
    if runs_code(output) and not allowed(context, output.format):
        raise UntrustedError(
            f"`{output.name}` of {record.task} is in the format `{output.format}`, and reading it runs code that is in"
            f" the file: whoever writes to `{context.store}` may have put it there",
            hints=(
                f'if you trust all of them: `[daicho] allow = ["{output.format}"]` in the configuration',
                "a format that runs no code is better: parquet, skops, npy, json",
            ),
        )
    return context.ledger.fetch(record, output)


def allowed(context: Context, format_name: str) -> bool:
    """Whether files of a format that runs code may be read."""
    return format_name in context.settings.allow or _own(context)


def runs_code(output: OutputRecord) -> bool:
    """Whether reading an output runs code that the file holds; a format that is not known reads nothing."""
    try:
        return formats.by_name(output.format).runs_code
    except DeclarationError:
        return False


def _own(context: Context) -> bool:
    database = context.store.database
    if database is None:
        return False
    place = Path(os.path.realpath(database))
    return place.is_relative_to(os.path.realpath(context.root)) and not context.settings.share
