"""Looking ahead: all keys that an earlier launch had, asked about at once, before the plan asks level by level.

What it had is only a reason to ask: each key's answer is the ledger's own, and what is not among them is asked in its
turn. On a tracking server that makes two questions of one for each level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from daicho.fingerprint.parts import Parts
from daicho.ledger import Launch, Trail
from daicho.plan.answers import asks
from daicho.plan.deep import deep_keys, deep_marks
from daicho.plan.memory import Memory
from daicho.record import OutputRecord
from daicho.task.graph import Graph

_FEW = 3  # launches of targets of these names: variants of a pipeline come in turn


@dataclass(frozen=True)
class Ahead:
    """What earlier launches have left.

    Attributes:
        trails: The launches that may have done the same, the newest first.
        keys: The keys that are worth asking about.
    """

    trails: tuple[Trail, ...] = ()
    keys: frozenset[str] = frozenset()

    def launch(self, digest: str) -> Launch | None:
        """The launch with this digest, if it is among them: see `Ledger.launch`."""
        return next((trail.launch for trail in self.trails if trail.digest == digest), None)


def look_ahead(
    memory: Memory,
    graph: Graph,
    parts: Mapping[str, Parts],
    pinned: Mapping[str, Sequence[OutputRecord]],
) -> Ahead:
    """Ask what earlier launches of a graph have left; nothing for one that is decided with one question anyhow.

    Args:
        memory: The ledger.
        graph: All tasks that are known.
        parts: The parts of each task's key.
        pinned: What lies in the folders that tasks are pinned to.

    Raises:
        StoreError: If the memory cannot be asked.
    """
    if not any(asks(node) and node.edges for node in graph.nodes.values()):
        return Ahead()
    deep = deep_keys(graph, parts, pinned)
    same, like = deep_marks(graph, deep)
    trails = tuple(memory.launched((same, like), _FEW))
    if len(trails) == _FEW and not any(trail.bears(same) for trail in trails):
        trails = (*memory.launched((same,), 1), *trails)
    return Ahead(trails, frozenset(_keys(trails, same, deep.values())))


def _keys(trails: Sequence[Trail], same: str, deep: Iterable[str]) -> Iterator[str]:
    """All keys of a launch of the same graph, with those of what its tasks yielded; or of each task the newest one."""
    for trail in trails:
        if trail.bears(same):
            yield from trail.keys.values()
            return
    for each in deep:
        found = (trail.key(each) for trail in trails)
        yield from [key for key in found if key is not None][:1]
