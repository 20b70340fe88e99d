"""What a launch does about tasks that others yield: it plans them, hands over what is there, and lets the rest wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from daicho import events
from daicho.engine.assigning import Assigner
from daicho.engine.assignment import TasksGiven
from daicho.engine.demand import refuse_impossible
from daicho.engine.failure import of_exception
from daicho.engine.results import Outcome
from daicho.engine.telling import Teller
from daicho.engine.waiting import Waiting
from daicho.plan.plan import Plan
from daicho.plan.planner import Planner
from daicho.record import Failure
from daicho.task.graph import Graph


def given(
    planner: Planner, assigner: Assigner, resources: Mapping[str, int], task_id: str, tasks: Mapping[str, Any]
) -> TasksGiven:
    """Plan what a task that runs yields: what it may read of that, if all is there.

    Args:
        planner: What is decided; it grows.
        assigner: Where all files are.
        resources: How much there is of what tasks share.
        task_id: The task.
        tasks: What it yields, by the way to each.
    """
    known = planner.graph.nodes.keys()
    try:
        ready = planner.need(task_id, tasks)
        new = {key: node for key, node in planner.graph.nodes.items() if key not in known}
        refuse_impossible(Plan(Graph((), new), planner.decisions), resources)
        return assigner.given(task_id, tasks) if ready else TasksGiven(False)
    except Exception as error:  # noqa: BLE001  # the tasks are the user's; what they raise is the task's failure
        return TasksGiven(False, problem=of_exception(error, assigner.root))


@dataclass
class Yielded:
    """The tasks of one launch that yield others.

    Attributes:
        planner: What is decided; it grows.
        assigner: Where all files are.
        teller: Tells observers.
        reuse: Takes the result of a task that needs no turn of its own.
        resources: How much there is of what tasks share.
    """

    planner: Planner
    assigner: Assigner
    teller: Teller
    reuse: Callable[[str], None]
    resources: Mapping[str, int] = field(default_factory=dict)
    _waiting: Waiting = field(default_factory=Waiting)

    def answer(self, task_id: str, tasks: Mapping[str, Any]) -> TasksGiven:
        """A task that runs yields others: what it may read of them, if all are there."""
        known = self.planner.graph.nodes.keys()
        answer = given(self.planner, self.assigner, self.resources, task_id, tasks)
        self.teller.graph = graph = self.planner.graph
        if answer.problem is not None:
            return answer
        new = [each for each in graph.nodes.keys() - known if graph.nodes[each].kind != "wrapper"]
        waits = not answer.ready
        self.teller.tell(events.TaskYielded(task_id, self.teller.label(task_id), len(new), waits))
        for each in new if answer.ready else ():
            self.reuse(each)
        return answer

    def wait(self, task_id: str, *, begun: bool) -> list[Any]:
        """A task waits until what it yields is there: the tasks that must have their turns first."""
        graph = self.teller.graph = self.planner.graph
        needs = [edge.task_id for edge in graph.nodes[task_id].yields if not self.planner.done(edge.task_id)]
        self._waiting.wait(task_id, needs, begun=begun)
        return [graph.nodes[each].task for each in needs]

    def goes_on(self, task_id: str) -> bool:
        """Whether the turn that a task has now goes on with what it has begun; else it begins."""
        goes_on = self._waiting.goes_on(task_id)
        if not goes_on:
            self.planner.begin(task_id)
        return goes_on

    @property
    def any_ready(self) -> bool:
        """Whether a task need not wait any longer."""
        return self._waiting.any_ready(self.planner.done)

    def ready(self) -> list[str]:
        """The tasks that need not wait any longer: each needs another turn."""
        return self._waiting.ready(self.planner.done)

    def given_up(self, ended: Mapping[str, Any], *, stopped: bool) -> Iterator[tuple[str, Outcome, Failure]]:
        """What has begun and waits for what does not come any more, how it ends, and why.

        Args:
            ended: The tasks that have had their turn.
            stopped: Whether somebody has asked to stop.
        """
        for task_id, needs in self._waiting.left().items():
            bad = next((each for each in needs if each in ended and not self.planner.done(each)), None)
            if bad is not None:
                sentence = f"`{self.teller.label(bad)}`, which it yields, did not finish"
                yield task_id, "failed", Failure("upstream", sentence)
            else:
                failure = Failure("stopped", "it waited for what it yields, and nothing more was started")
                yield task_id, "interrupted" if stopped else "failed", failure
