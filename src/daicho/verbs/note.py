"""Write a note on a run, for everybody who reads this store: in `daicho show` and on top of MLflow's description."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho.errors import UsageError
from daicho.ledger import history, marking, named
from daicho.plan.prepare import open_project
from daicho.provenance import mask_url, read_machine

SCHEMA = "daicho.note/1"

_LONGEST = 2_000


@dataclass(frozen=True)
class Noted:
    """A run that has a note more. `what` is a person's name for it; `notes` are all of them, the newest first."""

    what: str
    run_id: str
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Its notes, as one JSON document."""
        return {"schema": SCHEMA, "what": self.what, "run_id": self.run_id, "notes": list(self.notes)}


def note(what: str, text: str, *, folder: str | Path = ".", config: str | Path | None = None) -> Noted:
    """Put a note on a run, signed; what was written before stays below it.

    Args:
        what: A run as `daicho show` takes it.
        text: What to say; line breaks become spaces.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        UsageError: If there is nothing to note, or it is too long.
        NotFoundError: If there is no such run.
        StoreError: If the store cannot be asked, or not written to.
    """
    said = mask_url(" ".join(text.split()))
    if not said or len(said) > _LONGEST:
        raise UsageError(
            "the note is empty" if not said else f"the note is longer than {_LONGEST:,} characters",
            hints=('for example: daicho note calm-harbour-41 "the run of the paper"',),
        )
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    run_id, name = named.run_of(named.find(context.ledger, what, here=Path.cwd()))
    marking.note(context.store, run_id, said, read_machine().user)
    return Noted(name, run_id, history.marks_of(context.ledger, run_id).notes)
