"""Claims: of the launches of one machine that come to the same task, one computes it and the others wait for it.

A claim is a lease on a key, taken when the task's turn comes and kept until its result is recorded. Who has one asks
the ledger again before the task starts, if another launch has recorded anything since it was asked, so that what was
just recorded is reused. Who waits is told when the claim is free, for the result or for its holder's death. Claims
save work: without them both results are right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from daicho.digest import of_value
from daicho.engine.assigning import Assigner
from daicho.engine.books import Books
from daicho.ledger import Store
from daicho.ledger.leases import Leases, data_folder
from daicho.plan.plan import Decision
from daicho.plan.planner import Planner

_WAITS = "another launch on this machine computes it: waiting for that"


def leases_of(store: Store) -> Leases:
    """Where the launches of this machine that use a store meet; of one process one at a time may be open."""
    return Leases(data_folder() / "claims" / of_value(store.identity)[:16])


@dataclass
class Claims:
    """The claims of one launch, which goes on with what it has while it waits for others.

    Attributes:
        leases: Where the launches of this machine meet.
        planner: What decides.
    """

    leases: Leases
    planner: Planner
    _held: dict[str, str] = field(default_factory=dict)
    _waiting: dict[str, str] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    @classmethod
    def on(cls, store: Store, planner: Planner) -> Claims:
        """The claims on results of a store; whose account it is asked with does not matter."""
        return cls(leases_of(store), planner)

    def turn(self, task_id: str) -> Decision | None:
        """The decision on a task whose turn has come; None if another launch is computing it: see `freed`."""
        decision = self.planner.turn(task_id, mark=self.leases.heard())
        key = decision.key
        if decision.verdict != "run" or key is None or not self.planner.shared(task_id):
            return decision
        if not self.leases.take(key):
            self._waiting[task_id] = key
            return None
        self._held[task_id] = key
        decision = self.planner.turn(task_id, again=True, mark=self.leases.heard())
        if decision.verdict != "run":
            self.release(task_id)
        return decision

    def note(self, task_id: str) -> str | None:
        """What a person should know when a task begins to wait; None if it was told before."""
        if task_id in self._told:
            return None
        self._told.add(task_id)
        return _WAITS

    @property
    def waiting(self) -> bool:
        """Whether tasks wait for what another launch computes."""
        return bool(self._waiting)

    def compare(self, task_id: str, books: Books, assigner: Assigner, begun: Collection[str]) -> list[str]:
        """Heed other results of a task's key, now that its own is recorded.

        The earliest counts for everybody: what depends on the task reads that, unless it has begun with what was
        made here, whose content is in its key.

        Returns:
            What a person should know, if results of one key differ.
        """
        winner, others = books.winners.get(task_id), books.differing.get(task_id, ())
        if not others:
            return []
        if winner in others and not set(self.planner.graph.dependants[task_id]) & set(begun):
            assert winner is not None
            if self.planner.won(task_id, winner):
                assigner.staged.pop(task_id, None)
        runs = ", ".join(f"`{str(record.run_id)[:8]}`" for record in others[:3])
        return [
            f"other bytes than from equal code, parameters and inputs in run {runs}: it is not deterministic"
        ]

    def freed(self) -> Iterator[str]:
        """The tasks that need not wait any longer: ask for their turn again."""
        for task_id, key in list(self._waiting.items()):
            if self.leases.free(key):
                del self._waiting[task_id]
                yield task_id

    def give_up(self) -> list[str]:
        """Wait no longer; the tasks that did."""
        waited, self._waiting = list(self._waiting), {}
        return waited

    def release(self, task_id: str, *, recorded: bool = False) -> None:
        """A task has ended: whoever waits for it may go on."""
        key = self._held.pop(task_id, None)
        if key is not None:
            self.leases.release(key, tell=recorded)

    def settle(self, books: Books) -> None:
        """Release what the recorder has dealt with, or will not deal with any more."""
        for task_id in list(self._held):
            recorded = task_id in books.records
            if recorded or books.error is not None or task_id in books.refused:
                self.release(task_id, recorded=recorded)

    def close(self) -> None:
        """Release all."""
        self._held.clear()
        self._waiting.clear()
        self.leases.close()
