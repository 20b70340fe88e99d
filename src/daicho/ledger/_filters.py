"""The filters of MLflow's `search_runs` that daicho needs, as short as its parser wants them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

MOST = 50_000
"""The most results that one search may ask for."""

_BATCH = 2_000  # the parser gives up near 5,000 values in one list


def digests(values: Collection[str]) -> Iterator[str]:
    """Runs that have one of these dataset digests, in batches."""
    return (f"dataset.digest IN ({_list(some)})" for some in _batches(values))


def run_ids(values: Collection[str]) -> Iterator[str]:
    """Runs with these ids, in batches."""
    return (f"attributes.run_id IN ({_list(some)})" for some in _batches(values))


def tagged(tag: str, value: str, kind: str | None) -> str:
    """Runs whose tag has that value, and perhaps with a dataset of that context."""
    text = f"tags.`{tag}` = {_quoted(value)}"
    return text if kind is None else f"{text} AND dataset.context = {_quoted(kind)}"


def like(attribute: str, pattern: str) -> str:
    """Runs whose id or name fits a pattern."""
    return f"attributes.{attribute} LIKE {_quoted(pattern)}"


def holding(tag: str, pattern: str, since: int) -> str:
    """Runs that began at a time (in ms) or later and whose tag fits a pattern."""
    text = f"tags.`{tag}` LIKE {_quoted(pattern)}"
    return f"{text} AND attributes.start_time >= {since}" if since else text


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(values: Sequence[str]) -> str:
    return ",".join(map(_quoted, values))


def _batches(values: Collection[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
