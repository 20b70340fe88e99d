"""What people write on runs: tags, notes, pins. All of it is in MLflow's page as well."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

from daicho.ledger import _marks as marks
from daicho.ledger._client import ClientReader
from daicho.ledger._errors import explained
from daicho.ledger.store import Store

_SIGNED = "%Y-%m-%dT%H:%M:%SZ"


def signature(who: str) -> str:
    """Who did something, and when: `ana, 2026-11-24T07:09:15Z`."""
    return f"{marks.cut(who, 200)}, {time.strftime(_SIGNED, time.gmtime())}"


def write_tags(store: Store, run_id: str, tags: Mapping[str, str], gone: Collection[str] = ()) -> None:
    """Set tags of a run, and take away others; one that is not there is no error.

    Raises:
        StoreError: If the store cannot be written to.
    """
    client = ClientReader(store).client
    with explained(store):
        for name, value in tags.items():
            client.set_tag(run_id, name, value)
        present = client.get_run(run_id).data.tags if gone else {}
        for name in gone:
            if name in present:
                client.delete_tag(run_id, name)


def pin(store: Store, run_id: str, who: str | None) -> str:
    """Pin a run, so that housekeeping keeps it, or let it go where `who` is None; the pin.

    Raises:
        StoreError: If the store cannot be written to.
    """
    text = signature(who) if who is not None else ""
    write_tags(store, run_id, {marks.PIN: text} if text else {}, () if text else (marks.PIN,))
    return text


def note(store: Store, run_id: str, text: str, who: str) -> str:
    """Put a note on a run, above the notes and the description that are there; the note with who wrote it and when.

    Raises:
        StoreError: If the store cannot be written to.
    """
    signed = f"{text} ({signature(who)})"
    client = ClientReader(store).client
    with explained(store):
        there = client.get_run(run_id).data.tags
        earlier = there.get(marks.NOTES, "")
        notes = f"{signed}\n{earlier}" if earlier else signed
        client.set_tag(run_id, marks.NOTES, marks.cut(notes, marks.LONGEST_TAG))
        shown = f"{_escaped(signed)}\n\n{there.get(marks.NOTE, '')}".rstrip()
        client.set_tag(run_id, marks.NOTE, marks.cut(shown, marks.LONGEST_TAG))
    return signed


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in text)
