"""The rule by which one task is decided: pure, from what is known of it and of what it needs."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from daicho.fingerprint.key import content_of, content_of_wrapper, key_of
from daicho.fingerprint.parts import Parts
from daicho.ledger.checked import unsteady
from daicho.plan.plan import Decision
from daicho.plan.reasons import Reason
from daicho.record import OutputRecord, Record
from daicho.task.graph import Edge, Graph, Node

FORCED = Reason("forced", "asked for with -f")
UNCACHED = Reason("uncached", "cache = False: runs each time")


@dataclass(frozen=True)
class Rejected:
    """A record that would be the answer, but its bytes are gone or wrong."""

    record: Record
    reason: Reason


def key(
    parts: Parts,
    node: Node,
    contents: Mapping[str, str],
    outputs: Mapping[str, Sequence[OutputRecord]],
) -> str:
    """The key of a task, given the contents and the outputs of what it needs by task id."""

    def content(edge: Edge) -> str:
        if edge.reads is None:
            return contents[edge.task_id]
        return content_of(outputs.get(edge.task_id, ()), edge.reads)

    return key_of(parts, {edge.role: content(edge) for edge in node.edges})


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
            reason = Reason("reused", f"equal code, parameters, sources and inputs{_doubt(matching)}")
            reasons = (reason, *_unsteady(record))
            return Decision("reuse", reasons, key_now, record, content_of(record.outputs))
    if matching:
        return _run(key_now, tuple(rejected[str(record.run_id)].reason for record in matching), matching)
    if differences:
        return _run(key_now, min(differences, key=len), ())
    return Decision("run", (), key_now)


def _doubt(matching: Sequence[Record]) -> str:
    """What is to be said where equal causes had different effects."""
    if len({content_of(record.outputs) for record in matching}) < 2:
        return ""
    runs = ", ".join(str(record.run_id)[:8] for record in matching[1:4])
    return f"; the earliest of {len(matching)} results that differ (see run {runs}): it is not deterministic"


def _unsteady(record: Record) -> tuple[Reason, ...]:
    """What `daicho verify` found of a result whose outputs were not the same twice."""
    found = unsteady(record)
    if found is None:
        return ()
    text = f"not deterministic: verify found {', '.join(found.differing)} to differ ({found.who}, {found.when[:10]})"
    return (Reason("unsteady", text),)


def undecided(waits_for: Sequence[str], *, forced: bool, cached: bool) -> Decision:
    """Decide a task that needs one whose result is not known yet: `waits_for` are labels."""
    if forced:
        return Decision("run", (FORCED,))
    if not cached:
        return Decision("run", (UNCACHED,))
    names = ", ".join(f"`{name}`" for name in waits_for[:3]) + (", …" if len(waits_for) > 3 else "")
    verb = "has" if len(waits_for) == 1 else "have"
    return Decision("undecided", (Reason("upstream", f"decided once {names} {verb} run"),))


def waiting(graph: Graph, task_id: str, known: Container[str], *, forced: bool) -> Decision:
    """Decide a task of a graph that needs some whose content is not among what is known."""
    node = graph.nodes[task_id]
    unknown = dict.fromkeys(edge.task_id for edge in node.needs if edge.task_id not in known)
    labels = [graph.label(needed) for needed in unknown]
    return undecided(labels, forced=forced, cached=bool(getattr(node.task, "cache", True)))


def uncached(key_now: str) -> Decision:
    """Decide a task with `cache = False`."""
    return Decision("run", (UNCACHED,), key_now)


def unasked(key_now: str) -> Decision:
    """Decide a task while the store is away."""
    reason = Reason("unasked", "the store does not answer: whether there is an equal result is not known")
    return Decision("run", (reason,), key_now)


def pinned(outputs: tuple[OutputRecord, ...], folder: str | None) -> Decision:
    """Decide a task whose outputs lie where the configuration says: it never runs, and has neither key nor run."""
    reason = Reason("pinned", f"pinned to {folder} by [PathConfig]")
    return Decision("reuse", (reason,), content=content_of(outputs), pinned=outputs)


def wrapper(node: Node, contents: Mapping[str, str]) -> Decision:
    """Decide a wrapper whose needs are all there: it has no result of its own."""
    content = content_of_wrapper({edge.role: contents[edge.task_id] for edge in node.edges})
    return Decision("reuse", (), content=content)


def at_risk(graph: Graph, decisions: Mapping[str, Decision]) -> Iterator[str]:
    """The tasks whose results one that may run is going to read."""
    readers = (
        task_id
        for task_id, decision in decisions.items()
        if decision.verdict != "reuse" and graph.nodes[task_id].kind != "wrapper"
    )
    yield from dict.fromkeys(node.task_id for task_id in readers for _, node in graph.readable(task_id))


def _run(key_now: str, reasons: tuple[Reason, ...], replaced: Sequence[Record]) -> Decision:
    runs = tuple(record.run_id for record in replaced if record.run_id is not None)
    return Decision("run", reasons, key_now, supersedes=runs)
