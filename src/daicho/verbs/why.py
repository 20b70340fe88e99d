"""Say why one task must run, or why it need not: the root causes, who changed what, the price, and the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from daicho._drawn import html
from daicho.errors import UsageError
from daicho.plan.cause import Cause, Equal
from daicho.plan.drift import with_drift
from daicho.plan.earlier import Earlier, earlier_of
from daicho.plan.explain import Explainer
from daicho.plan.neutral import Neutral
from daicho.plan.plan import Decision, Plan, Verdict
from daicho.plan.prepare import Context, Force, Prepared, open_project, prepare
from daicho.plan.price import Price, following, price_of
from daicho.plan.wayout import hints

SCHEMA = "daicho.why/1"


@dataclass(frozen=True)
class Why:
    """Why a task is run, reused, or undecided.

    Attributes:
        task: The family.
        label: Its name for people.
        task_id: Luigi's identity of it.
        decision: The decision, with the reasons that `daicho status` prints.
        causes: The root causes; none where it is reused.
        earlier: The record that is reused, or the nearest to what is asked for; None if there is none.
        equal: What is the same as in that record.
        neutral: What was edited since and does not count.
        notes: Code of it that cannot be followed.
        target: What was planned: the configured target if the task belongs to it, else the task itself.
        follow: The tasks of that target that depend on it.
        siblings: How many tasks of its family the target has.
        price: What it takes to have its result.
        hints: What a person can do about it.
    """

    task: str
    label: str
    task_id: str
    decision: Decision
    causes: tuple[Cause, ...] = ()
    earlier: Earlier | None = None
    equal: Equal = field(default_factory=Equal)
    neutral: tuple[Neutral, ...] = ()
    notes: tuple[str, ...] = ()
    target: str = ""
    follow: tuple[str, ...] = ()
    siblings: int = 1
    price: Price = field(default_factory=Price)
    hints: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """`run`, `reuse` or `undecided`."""
        return self.decision.verdict

    def _repr_html_(self) -> str:
        return html(self)

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        return {
            "schema": SCHEMA,
            "task": self.task,
            "label": self.label,
            "task_id": self.task_id,
            "key": self.decision.key,
            "decision": self.verdict,
            "reasons": [reason.to_json() for reason in self.decision.reasons],
            "causes": [cause.to_json() for cause in self.causes],
            "earlier": asdict(self.earlier) if self.earlier is not None else None,
            "equal": self.equal.to_json(),
            "neutral": [each.to_json() for each in self.neutral],
            "notes": list(self.notes),
            "target": self.target,
            "follow": list(self.follow),
            "siblings": self.siblings,
            "price": asdict(self.price),
            "hints": list(self.hints),
        }


def why(
    target: object = None,
    *,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
    force: Force = False,
) -> Why:
    """Why a task would run, or not. Nothing runs.

    Args:
        target: The task's name, or its label as `daicho status` prints it (`Trainer(seed=3)`), its class or an
            instance; by default what `[RunConfig] task` names.
        params: Values by `"Task.parameter"`.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line.
        force: Explain what `-f` would do.

    Raises:
        UsageError: If the project, its configuration or the task is wrong.
        StoreError: If the store cannot be asked.
    """
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    context.ledger.check()
    prepared, plan, task_id = _planned(context, target, force=force)
    prepared.digests.save()
    return _explained(prepared, with_drift(plan, context.ledger, prepared.identity), task_id)


def _planned(context: Context, target: object, *, force: Force) -> tuple[Prepared, Plan, str]:
    """The plan to explain from, and the task in it: of the configured target, if the task belongs to that."""
    if isinstance(target, str) and context.settings.target is not None:
        with suppress(UsageError):  # another task of it may be what is wrong: this one is looked at by itself
            prepared = prepare(context, force=force)
            members = _members(prepared, target)
            if members:
                plan = prepared.planner.plan(fetch=False)
                work = (each for each in members if plan.decisions[each].verdict != "reuse")
                return prepared, plan, next(work, members[0])
    prepared = prepare(context, target, force=force)
    return prepared, prepared.planner.plan(fetch=False), prepared.graph.targets[0]


def _members(prepared: Prepared, name: str) -> list[str]:
    """The tasks of a graph that a person may mean by a name."""
    labelled = [task_id for task_id in prepared.graph.nodes if prepared.graph.label(task_id) == name]
    return labelled or [
        task_id
        for task_id, node in prepared.graph.nodes.items()
        if name in (node.family, type(node.task).__name__)
    ]


def _explained(prepared: Prepared, plan: Plan, task_id: str) -> Why:
    node, decision = plan.graph.nodes[task_id], plan.decisions[task_id]
    explainer = Explainer(prepared, plan)
    context, causes, record = prepared.context, explainer.causes(task_id), explainer.earlier(task_id)
    earlier = earlier_of(context.ledger, record) if record is not None else None
    ours = node.kind == "task"
    return Why(
        task=node.family,
        label=plan.label(task_id),
        task_id=task_id,
        decision=decision,
        causes=causes,
        earlier=earlier,
        equal=explainer.equal(task_id),
        neutral=explainer.neutral(task_id, causes) if ours else (),
        notes=explainer.code(node).notes if ours else (),
        target=prepared.target,
        follow=tuple(plan.label(each) for each in following(plan, task_id)),
        siblings=sum(each.family == node.family for each in plan.graph.nodes.values()),
        price=price_of(context.ledger, plan, task_id),
        hints=tuple(hints(type(node.task), node.family, decision, causes, earlier)),
    )
