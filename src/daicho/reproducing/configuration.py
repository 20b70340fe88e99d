"""The configuration that a run had, as one `luigi.toml`: the files as recorded, below the parameters as recorded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from daicho.config.writing import written
from daicho.digest import of_value
from daicho.errors import CorruptError
from daicho.provenance import MASK
from daicho.record import Record
from daicho.reproducing.recorded import Recorded
from daicho.task.run_task import CONFIG

_OURS = (
    "extends",
    "tracking_uri",
    "share",
    "cache_size",
    "wal",
)  # of `[daicho]`: where the run was, not what it was
_NEXT = re.compile(r"^# [^\n]*\.toml\n\n", re.MULTILINE)  # how files are set apart where there are several


def configuration(run: Recorded, places: Mapping[tuple[str, str], str], pins: Mapping[str, str]) -> str:
    """The file.

    Args:
        run: What is recorded.
        places: Other places of sources, by family and role.
        pins: The folders of the tasks whose results are given.

    Raises:
        CorruptError: If the recorded files cannot be read.
    """
    data = _files(run)
    for family in dict.fromkeys(record.task for record in run.records):
        section = _section(data, family)
        section |= _parameters([record for record in run.records if record.task == family])
        section |= {role: place for (of, role), place in places.items() if of == family}
    own = data.setdefault("daicho", {})
    for key in _OURS:
        own.pop(key, None)
    data["PathConfig"] = {**data.get("PathConfig", {}), **pins}
    return written(data)


def pinned(run: Recorded) -> dict[str, str]:
    """The folders that the recorded configuration names by task or prefix."""
    paths = _merged(run).get("PathConfig", {})
    return {name: value for name, value in paths.items() if isinstance(value, str)}


def masked(run: Recorded) -> tuple[str, ...]:
    """The keys of the recorded configuration whose values are secrets, which are not recorded."""
    return tuple(".".join(path) for path in _masked(_merged(run), ()))


def _masked(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _masked(value, (*path, key))
        elif _secret(value) and path[:1] != ("daicho",):
            yield (*path, key)


def _secret(value: Any) -> bool:
    if isinstance(value, str):
        return MASK in value
    if isinstance(value, Mapping):
        return any(map(_secret, value.values()))
    return isinstance(value, list) and any(map(_secret, value))


def _files(run: Recorded) -> dict[str, Any]:
    """The recorded files as one, without secrets: a masked one must not be taken for the secret itself."""
    return _without_secrets(_merged(run))


def _without_secrets(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_secrets(value) if isinstance(value, Mapping) else value
        for key, value in table.items()
        if isinstance(value, Mapping) or not _secret(value)
    }


def _merged(run: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = {}
    parts = _NEXT.split(run.text) if _NEXT.match(run.text) else [run.text]
    try:
        for part in parts:
            _lay(found, tomllib.loads(part))
    except tomllib.TOMLDecodeError as error:
        raise CorruptError(
            f"the configuration that is recorded with {run.name} cannot be read: {error}",
            hints=("daicho export writes what is recorded to a folder, to be run by hand",),
        ) from error
    return found


def _lay(into: dict[str, Any], above: Mapping[str, Any]) -> None:
    for key, value in above.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _lay(into[key], value)
        else:
            into[key] = value


def _section(data: dict[str, Any], family: str) -> dict[str, Any]:
    """The table of a family: `my.ns.Task` lies in `ns` in `my`."""
    table = data
    for part in family.split("."):
        table = table.setdefault(part, {})
    return table


def _parameters(records: list[Record]) -> dict[str, Any]:
    """The values that all tasks of a family had; where they differ, code or the files gave them."""
    first, *others = (record.parameters for record in records)
    return {
        name.removeprefix(f"{CONFIG}."): value
        for name, value in first.items()
        if _expressible(value)
        and all(name in other and of_value(other[name]) == of_value(value) for other in others)
    }


def _expressible(value: Any) -> bool:
    """Whether a value can stand in a file: not the one that is masked, and not what TOML lacks."""
    if value is None or _secret(value):
        return False
    if isinstance(value, Mapping):
        return all(map(_expressible, value.values()))
    return all(map(_expressible, value)) if isinstance(value, list) else True
