"""Mark a run: with tags of one's own, or with a pin that housekeeping heeds. MLflow's page shows both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daicho.errors import UsageError
from daicho.ledger import history, named
from daicho.ledger.marking import pin as write_pin
from daicho.ledger.marking import write_tags
from daicho.plan.prepare import open_project
from daicho.provenance import mask_url, read_machine

SCHEMA = "daicho.tag/1"

_OURS = ("daicho.", "mlflow.")
_LONGEST_NAME, _LONGEST_VALUE = 250, 5_000


@dataclass(frozen=True)
class Tagged:
    """A run that was marked. `tags` and `pinned` are what it has now; `what` is a person's name for the run."""

    what: str
    run_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    pinned: str = ""

    def to_json(self) -> dict[str, Any]:
        """What it has now, as one JSON document."""
        return {
            "schema": SCHEMA,
            "what": self.what,
            "run_id": self.run_id,
            "tags": dict(self.tags),
            "pinned": self.pinned,
        }


def tag(
    what: str,
    tags: Mapping[str, str | None] | None = None,
    *,
    pin: bool | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
) -> Tagged:
    """Set tags of a run, take them away, pin it, or let it go.

    Args:
        what: A run as `daicho show` takes it.
        tags: Values by name; None takes a tag away.
        pin: True to have housekeeping keep the run, False to let it go, None to leave it as it is.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        UsageError: If a name is MLflow's or daicho's own, or a text is too long for MLflow.
        NotFoundError: If there is no such run.
        StoreError: If the store cannot be asked, or not written to.
    """
    wanted = {name: None if value is None else mask_url(value) for name, value in (tags or {}).items()}
    for name, value in wanted.items():
        _check(name, value)
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    found = named.find(context.ledger, what, here=Path.cwd())
    run_id, name = named.run_of(found)
    if wanted:
        fresh = {each: value for each, value in wanted.items() if value is not None}
        write_tags(context.store, run_id, fresh, [each for each, value in wanted.items() if value is None])
    if pin is not None:
        write_pin(context.store, run_id, read_machine().user if pin else None)
    marks = history.marks_of(context.ledger, run_id)
    return Tagged(name, run_id, marks.tags, marks.pinned)


def _check(name: str, value: str | None) -> None:
    if name.startswith(_OURS):
        raise UsageError(
            f"`{name}` is a name that {name.partition('.')[0]} keeps for itself",
            hints=("use another: stage=final, for example; a pin is set by --pin, a note by daicho note",),
        )
    if not name or not all(sign.isalnum() or sign in "_-./ " for sign in name) or len(name) > _LONGEST_NAME:
        raise UsageError(
            f"{name!r} cannot be the name of a tag",
            hints=("use at most 250 letters, digits, `_`, `-`, `.`, `/` and spaces",),
        )
    if value is not None and len(value) > _LONGEST_VALUE:
        raise UsageError(f"the value of `{name}` is longer than the 5,000 characters that every store takes")
