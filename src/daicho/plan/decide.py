"""The rule by which one task is decided: pure, from what is known of it and of what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from daicho.fingerprint.key import content_of, content_of_wrapper, key_of
from daicho.fingerprint.parts import Parts
from daicho.plan.plan import Decision
from daicho.plan.reasons import Reason
from daicho.record import Record
from daicho.task.graph import Node

FORCED = Reason("forced", "asked for with -f")
UNCACHED = Reason("uncached", "cache = False: runs each time")


@dataclass(frozen=True)
class Rejected:
    """A record that would be the answer, but its bytes are gone or wrong."""

    record: Record
    reason: Reason


def key(parts: Parts, node: Node, contents: Mapping[str, str]) -> str:
    """The key of a task, given the contents of what it needs by task id."""
    return key_of(parts, {edge.role: contents[edge.task_id] for edge in node.edges})


def known_key(
    parts: Parts,
    key_now: str,
    records: Sequence[Record],
    *,
    forced: bool,
    differing: Callable[[Record], tuple[Reason, ...]],
    rejected: Mapping[str, Rejected],
) -> Decision:
    """Decide a task whose key is known.

    Args:
        parts: The parts of its key.
        key_now: Its key.
        records: The records that the ledger has for the key, the earliest first.
        forced: Whether it is to run although equal.
        differing: What was seen to matter when a record was made, and is not the same now.
        rejected: Records that are not to be used, by run id.

    Returns:
        `reuse` with the earliest record that matches and is whole, or `run`; then the reasons are only those that
        the rule itself knows: what changed since an earlier record is for `daicho.plan.reasons`.
    """
    differences = [differing(record) for record in records]
    matching = [record for record, found in zip(records, differences, strict=True) if not found]
    if forced:
        return _run(key_now, (FORCED,), matching)
    for record in matching:
        if record.run_id not in rejected:
            reason = Reason("reused", "equal code, parameters, sources and inputs")
            return Decision("reuse", (reason,), key_now, record, content_of(record.outputs))
    if matching:
        return _run(key_now, tuple(rejected[str(record.run_id)].reason for record in matching), matching)
    if differences:
        return _run(key_now, min(differences, key=len), ())
    return Decision("run", (), key_now)


def undecided(waits_for: Sequence[str], *, forced: bool, cached: bool) -> Decision:
    """Decide a task that needs one whose result is not known yet: `waits_for` are labels."""
    if forced:
        return Decision("run", (FORCED,))
    if not cached:
        return Decision("run", (UNCACHED,))
    names = ", ".join(f"`{name}`" for name in waits_for[:3]) + (", …" if len(waits_for) > 3 else "")
    return Decision("undecided", (Reason("upstream", f"decided once {names} has run"),))


def uncached(key_now: str) -> Decision:
    """Decide a task with `cache = False`."""
    return Decision("run", (UNCACHED,), key_now)


def unasked(key_now: str) -> Decision:
    """Decide a task while the store is away."""
    reason = Reason("unasked", "the store does not answer: whether there is an equal result is not known")
    return Decision("run", (reason,), key_now)


def wrapper(node: Node, contents: Mapping[str, str]) -> Decision:
    """Decide a wrapper whose needs are all there: it has no result of its own."""
    content = content_of_wrapper({edge.role: contents[edge.task_id] for edge in node.edges})
    return Decision("reuse", (), content=content)


def _run(key_now: str, reasons: tuple[Reason, ...], replaced: Sequence[Record]) -> Decision:
    runs = tuple(record.run_id for record in replaced if record.run_id is not None)
    return Decision("run", reasons, key_now, supersedes=runs)
