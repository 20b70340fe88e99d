"""Planning: what is reused, what runs, what waits; the same whether asked at once or step by step."""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import luigi
import pytest

from daicho import Source, Task, output, source
from daicho.digest import of_value
from daicho.errors import SourceError, StoreError, UsageError
from daicho.fingerprint import observed
from daicho.plan.answers import Answers
from daicho.plan.planner import Planner
from daicho.record import Record
from tests.plan.memory import Shelf, all_parts, carry_out, planner, written


class Step(Task):
    """A task with a seed and any number of needs."""

    name: str
    seed: int = 0
    needs: list[luigi.Task] = []
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


class Gather(Task):
    """A wrapper."""

    needs: list[luigi.Task] = []
    name: str = ""


class Fresh(Task):
    """A task that runs each time."""

    cache = False
    needs: list[luigi.Task] = []
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


def chain(length: int = 3, seed: int = 0) -> list[Step]:
    """`a` <- `b` <- `c` …; the seed is the first one's."""
    steps = [Step(name="0", seed=seed)]
    for place in range(1, length):
        below: list[luigi.Task] = [steps[-1]]
        steps.append(Step(name=str(place), needs=below))
    return steps


def verdicts(made: Planner) -> list[str]:
    """The verdicts of a plan, in the order in which tasks can run."""
    return [decision.verdict for _, decision in made.plan()]


def names(task_ids: list[str], made: Planner) -> list[str]:
    """The names of the steps among some tasks."""
    return [vars(made.graph.nodes[each].task).get("name", "") for each in task_ids]


def reasons(made: Planner, task: luigi.Task) -> list[tuple[str, str]]:
    """Why a task is decided as it is."""
    return [(reason.kind, reason.text) for reason in made.plan().decisions[task.task_id].reasons]


# -------------------------------------------------------------------------------------------- the rule


def test_an_empty_ledger_runs_all(shelf: Shelf) -> None:
    """Without records the first task runs, those after it wait for what it gives, and the reasons say so."""
    steps = chain()
    made = planner(shelf, steps[-1])
    assert ["run", "undecided", "undecided"] == verdicts(made)
    assert [("first", "first run")] == reasons(made, steps[0])
    waits = f"decided once `{made.graph.label(steps[0].task_id)}` has run"
    assert [("upstream", waits)] == reasons(made, steps[1])


def test_what_is_recorded_is_reused(shelf: Shelf) -> None:
    """After all has run nothing is to do, the records are named, and nothing is read byte by byte."""
    steps = chain()
    ran = carry_out(planner(shelf, steps[-1]), shelf)
    assert [step.task_id for step in steps] == ran
    shelf.fetched.clear()
    plan = planner(shelf, steps[-1]).plan()
    assert plan.nothing_to_do
    assert ["run0", "run1", "run2"] == [d.record.run_id for _, d in plan if d.record is not None]
    assert [] == shelf.fetched


def test_one_question_for_each_level(shelf: Shelf) -> None:
    """Tasks that can be decided together are asked for together, where no launch has left anything."""
    parts: list[luigi.Task] = [Step(name=f"part {place}") for place in range(20)]
    target = Step(name="all", needs=parts)
    carry_out(planner(shelf, target), shelf)
    shelf.asked.clear()
    shelf.trails.clear()
    planner(shelf, target).plan()
    assert [2, 20, 1] == [len(keys) for keys in shelf.asked]


def test_equal_bytes_stop_the_wave(shelf: Shelf) -> None:
    """Early cutoff: a task that ran again and wrote the same bytes does not make its dependants run."""
    carry_out(planner(shelf, chain()[-1]), shelf, content=lambda node: vars(node.task)["name"])
    made = planner(shelf, chain(seed=1)[-1])
    ran = carry_out(made, shelf, content=lambda node: vars(node.task)["name"])
    assert ["0"] == names(ran, made)
    assert ["reuse", "reuse"] == [d.verdict for _, d in list(made.decisions.items())[1:]]


def test_other_bytes_go_on(shelf: Shelf) -> None:
    """A task that writes other bytes makes its dependants run, and changing back runs nothing."""
    carry_out(planner(shelf, chain()[-1]), shelf)
    made = planner(shelf, chain(seed=1)[-1])
    assert ["0", "1", "2"] == names(carry_out(made, shelf), made)
    assert planner(shelf, chain()[-1]).plan().nothing_to_do


def test_force_runs_although_equal(shelf: Shelf) -> None:
    """A forced task runs and replaces the results that are there; what did not change below it is reused."""
    first, second = chain(2)
    carry_out(planner(shelf, second), shelf)
    made = planner(shelf, second, forced=[second])
    decision = made.plan().decisions[second.task_id]
    assert ("run", ("run1",), "forced") == (decision.verdict, decision.supersedes, decision.reasons[0].kind)
    assert [second.task_id] == carry_out(made, shelf)
    plan = planner(shelf, second).plan()
    assert plan.nothing_to_do
    assert "run2" == plan.decisions[second.task_id].record.run_id  # type: ignore[union-attr]
    assert "run0" == plan.decisions[first.task_id].record.run_id  # type: ignore[union-attr]


def test_force_replaces_also_where_it_had_to_wait(shelf: Shelf) -> None:
    """All forced: also a task whose key is known only at its turn replaces what is there for it."""
    first, second = chain(2)
    carry_out(planner(shelf, second), shelf)
    made = planner(shelf, second, forced=[first, second])
    assert ["run", "run"] == verdicts(made)
    carry_out(made, shelf)
    assert [(), (), ("run0",), ("run1",)] == [record.supersedes for record in shelf.records]


def test_a_task_without_a_cache_runs_each_time(shelf: Shelf) -> None:
    """`cache = False`: it runs, is never looked for, and stops the wave where its bytes are equal."""
    fresh = Fresh()
    target = Step(name="target", needs=[fresh])
    carry_out(planner(shelf, target), shelf)
    made = planner(shelf, target)
    plan = made.plan()
    assert ["run", "undecided"] == [decision.verdict for _, decision in plan]
    assert [("uncached", "cache = False: runs each time")] == reasons(made, fresh)
    assert [fresh.task_id] == carry_out(made, shelf)
    assert None is shelf.records[0].key


# --------------------------------------------------------------------------------- results that are not whole


@pytest.mark.parametrize(("state", "kind"), [("missing", "missing"), ("changed", "corrupt")])
def test_a_result_that_is_not_whole_is_made_again(shelf: Shelf, state: str, kind: str) -> None:
    """An output that is gone or was changed makes its task run, says so, and the old result is replaced."""
    first, second = chain(2)
    carry_out(planner(shelf, second), shelf)
    shelf.states["run0"] = state  # type: ignore[assignment]
    made = planner(shelf, second)
    decision = made.plan().decisions[first.task_id]
    assert ("run", ("run0",)) == (decision.verdict, decision.supersedes)
    assert [kind] == [reason.kind for reason in decision.reasons]
    assert [first.task_id] == carry_out(made, shelf)  # it writes the same: the second is reused
    plan = planner(shelf, second).plan()
    assert "run2" == plan.decisions[first.task_id].record.run_id  # type: ignore[union-attr]


def test_wrong_bytes_are_seen_before_they_are_read(shelf: Shelf) -> None:
    """What a task that runs would read is verified byte by byte; a wrong one is made again first."""
    first, _, third = chain(3)
    carry_out(planner(shelf, third), shelf)
    shelf.spoilt.add("run0")
    assert planner(shelf, third).plan().nothing_to_do  # nobody is going to read it
    other = Step(name="other", needs=[first])
    made = planner(shelf, other, third)
    decisions = made.plan().decisions
    assert "run" == decisions[first.task_id].verdict
    assert [("corrupt", "`out.json` of run run0 is spoilt")] == reasons(made, first)
    assert {first.task_id, other.task_id} == set(carry_out(made, shelf))


def test_wrong_bytes_are_seen_through_wrappers(shelf: Shelf) -> None:
    """A wrapper between changes nothing: what is read through it is verified as well."""
    first = Step(name="first")
    carry_out(planner(shelf, first), shelf)
    shelf.spoilt.add("run0")
    target = Step(name="target", needs=[Gather(needs=[Gather(needs=[first], name="inner")])])
    made = planner(shelf, target)
    assert "run" == made.plan().decisions[first.task_id].verdict
    assert [first.task_id, target.task_id] == carry_out(made, shelf)


def test_the_earliest_whole_result_wins(shelf: Shelf) -> None:
    """Of several results of a key the earliest counts; then the next, when that one is not whole."""
    step = Step(name="a")
    carry_out(planner(shelf, step), shelf)
    twin = shelf.put(shelf.records[0])
    third = shelf.put(shelf.records[0])
    assert ["run0", twin.run_id, third.run_id] == [record.run_id for record in shelf.records]
    for gone, winner in (("", "run0"), ("run0", "run1"), ("run1", "run2")):
        shelf.states |= {gone: "missing"} if gone else {}
        decision = planner(shelf, step).plan().decisions[step.task_id]
        assert winner == decision.record.run_id  # type: ignore[union-attr]


def test_several_wrong_results_are_all_passed_over(shelf: Shelf) -> None:
    """At a task's turn no result is taken whose bytes are wrong, however many there are of its key."""
    carry_out(planner(shelf, chain(3)[-1]), shelf, content=lambda node: vars(node.task)["name"])
    shelf.put(shelf.records[1])
    shelf.spoilt |= {"run1", "run3"}
    made = planner(shelf, chain(3, seed=1)[-1])
    ran = carry_out(made, shelf, content=lambda node: vars(node.task)["name"])
    assert ["0", "1"] == names(ran, made)
    assert ("run1", "run3") == shelf.records[-1].supersedes


def test_what_it_was_seen_to_read_must_match(shelf: Shelf) -> None:
    """A result counts only where all that its task read of others is the same, and another result may match."""
    second = chain(2)[-1]
    seen = {observed.parameter("needs[0]", "seed"): of_value(0)}
    carry_out(planner(shelf, second), shelf, content=lambda node: vars(node.task)["name"], extra=seen)
    assert planner(shelf, second).plan().nothing_to_do is False  # of the first one no such role is known
    shelf.runs["run0"] = replace(shelf.runs["run0"], extra={})
    assert planner(shelf, second).plan().nothing_to_do
    other = chain(2, seed=1)[-1]
    made = planner(shelf, other)
    assert ["0", "1"] == names(carry_out(made, shelf, lambda node: vars(node.task)["name"]), made)
    assert () == shelf.records[-1].supersedes
    decision = made.decisions[other.task_id]
    assert ["observed"] == [reason.kind for reason in decision.reasons]
    assert planner(shelf, other).plan().nothing_to_do


# -------------------------------------------------------------------------------- wrappers, plain Luigi


def test_a_wrapper_only_stands_for_others(shelf: Shelf) -> None:
    """A wrapper is decided by what it needs, has no record, and passes contents on."""
    leaf = Step(name="leaf")
    gather = Gather(needs=[leaf])
    target = Step(name="target", needs=[gather])
    made = planner(shelf, target)
    assert ["run", "undecided", "undecided"] == verdicts(made)
    assert [leaf.task_id, target.task_id] == carry_out(made, shelf)
    assert ["needs[0].needs[0].out"] == [each.role for each in shelf.records[1].inputs]
    plan = planner(shelf, target).plan()
    assert plan.nothing_to_do
    assert {"reuse": 2} == dict(plan.counts)
    changed = Step(name="target", needs=[Gather(needs=[Step(name="leaf", seed=1)])])
    assert ["run", "undecided", "undecided"] == verdicts(planner(shelf, changed))


def test_a_diamond_of_wrappers_is_quick(shelf: Shelf) -> None:
    """25 wrappers of which each needs the two before it: every node is looked at once, not once for each way."""
    layers: list[luigi.Task] = [Step(name="a"), Step(name="b")]
    for place in range(25):
        layers.append(Gather(needs=layers[-2:], name=str(place)))
    target = Step(name="target", needs=[layers[-1], layers[-2]])
    made = planner(shelf, target)
    assert 3 == len(carry_out(made, shelf))
    assert planner(shelf, target).plan().nothing_to_do
    assert 2 == len(shelf.records[-1].inputs)


def test_a_chain_of_ten_thousand(shelf: Shelf) -> None:
    """A chain of 10,000 tasks is planned before and after it ran, and with one change in its middle."""
    target = chain(10_000)[-1]
    made = planner(shelf, target)
    assert {"run": 1, "undecided": 9_999} == dict(made.plan().counts)
    assert [str(place) for place in range(10_000)] == names(carry_out(made, shelf), made)
    assert planner(shelf, target).plan().nothing_to_do
    shelf.states["run5000"] = "missing"
    again = planner(shelf, target)
    assert {"reuse": 5_000, "run": 1, "undecided": 4_999} == dict(again.plan().counts)
    assert ["5000"] == names(carry_out(again, shelf), again)


class File(luigi.Task):
    """A task of plain Luigi with a local target."""

    path = luigi.Parameter()
    below = luigi.Parameter(default="")

    def requires(self) -> list[luigi.Task]:
        return [File(path=self.below)] if self.below else []

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(self.path)

    def run(self) -> None:
        Path(self.path).write_text("made")


class Elsewhere(luigi.ExternalTask):
    """Data that lies where nobody can look."""

    there = luigi.BoolParameter(default=True)

    def complete(self) -> bool:
        return bool(self.there)


class Printed(Elsewhere):
    """Such data that tells what it is."""

    version = luigi.IntParameter(default=1)

    def fingerprint(self) -> int:
        return int(self.version)


def test_a_plain_target_counts_by_content(shelf: Shelf, tmp_path: Path) -> None:
    """A local target of plain Luigi is what its bytes are: the same again stops the wave, others do not."""
    file = File(path=str(tmp_path / "a.txt"))
    target = Step(name="target", needs=[file])
    made = planner(shelf, target)
    assert [("missing", "not complete")] == reasons(made, file)
    (tmp_path / "a.txt").write_text("one")
    carry_out(planner(shelf, target), shelf)
    assert planner(shelf, target).plan().nothing_to_do
    (tmp_path / "a.txt").write_text("two")
    assert ["reuse", "run"] == verdicts(planner(shelf, target))
    (tmp_path / "a.txt").write_text("one")
    assert planner(shelf, target).plan().nothing_to_do


def test_what_cannot_be_seen_makes_dependants_run(shelf: Shelf) -> None:
    """Without a local target or a `fingerprint()` the dependants always run, and the plan says why."""
    there = Elsewhere()
    target = Step(name="target", needs=[there])
    for _ in range(2):
        made = planner(shelf, target)
        assert ["reuse", "run"] == verdicts(made)
        assert ["unseen"] == [kind for kind, _ in reasons(made, there)]
        assert [target.task_id] == carry_out(made, shelf)


def test_a_fingerprint_is_content(shelf: Shelf) -> None:
    """A `fingerprint()` stands for the content, whatever the task's parameters are."""
    carry_out(planner(shelf, Step(name="target", needs=[Printed()])), shelf)
    same = Step(name="target", needs=[Printed()])
    assert planner(shelf, same).plan().nothing_to_do
    assert ["reuse", "run"] == verdicts(planner(shelf, Step(name="target", needs=[Printed(version=2)])))


def test_complete_without_its_file(shelf: Shelf, tmp_path: Path) -> None:
    """A plain task that calls itself complete without its local file cannot be seen; that is no crash."""

    class Sure(File):
        def complete(self) -> bool:
            return True

    target = Step(name="target", needs=[Sure(path=str(tmp_path / "nowhere"))])
    assert ["reuse", "run"] == verdicts(planner(shelf, target))


def test_what_stands_below_a_complete_plain_task_is_not_needed(shelf: Shelf, tmp_path: Path) -> None:
    """As in Luigi, a plain task that is complete needs nothing: what made it may be gone."""
    (tmp_path / "done").write_text("done")
    gone = File(path=str(tmp_path / "gone"))
    target = Step(name="target", needs=[File(path=str(tmp_path / "done"), below=gone.path)])
    made = planner(shelf, target)
    plan = made.plan()
    assert gone.task_id not in {task_id for task_id, decision in plan if decision.verdict != "reuse"}
    assert [target.task_id] == carry_out(made, shelf)
    assert not (tmp_path / "gone").exists()


# ------------------------------------------------------------------------------------------- sources


class Reader(Task):
    """A task with a source."""

    raw: Source = source("input/a.txt")
    out = output("out.txt")

    def run(self) -> None:
        self.out.save("")


def test_a_source_is_its_content(shelf: Shelf, tmp_path: Path) -> None:
    """Changed bytes run the task, touched ones do not; a missing source fails the plan and says where it looked."""
    (tmp_path / "input").mkdir()
    file = tmp_path / "input/a.txt"
    file.write_text("one")
    carry_out(planner(shelf, Reader(), root=tmp_path), shelf)
    file.write_text("one")
    assert ["reuse"] == verdicts(planner(shelf, Reader(), root=tmp_path))
    file.write_text("twice")
    made = planner(shelf, Reader(), root=tmp_path)
    assert [("source", "input/a.txt changed (3 -> 5 bytes)")] == reasons(made, Reader())
    file.unlink()
    with pytest.raises(SourceError, match="`Reader.raw` is not there: `input/a.txt`") as caught:
        planner(shelf, Reader(), root=tmp_path)
    assert str(file) in str(caught.value)


def test_parts_know_nothing_of_places(tmp_path: Path) -> None:
    """The parts of a key hold what was declared and what it contains, never where the project lies."""
    found = []
    for folder in ("one", "another"):
        root = tmp_path / folder
        (root / "input").mkdir(parents=True)
        (root / "input/a.txt").write_text("same")
        built = planner(Shelf(), Reader(), root=root).graph
        found.append(all_parts(built, root))
    assert found[0] == found[1]
    assert folder not in repr(found[0])


class PlainAll(luigi.WrapperTask):
    """A wrapper of plain Luigi."""

    seed = luigi.IntParameter(default=0)

    def requires(self) -> list[luigi.Task]:
        return [Step(name="leaf", seed=self.seed)]


def test_luigis_own_wrapper_is_one(shelf: Shelf) -> None:
    """`luigi.WrapperTask` around tasks of ours: nothing to do when they are there, and their content goes through."""
    target = Step(name="target", needs=[PlainAll()])
    made = planner(shelf, target)
    assert ["run", "undecided", "undecided"] == verdicts(made)
    carry_out(made, shelf)
    assert planner(shelf, target).plan().nothing_to_do
    assert planner(shelf, PlainAll()).plan().nothing_to_do
    assert ["needs[0].requires[0].out"] == [each.role for each in shelf.records[1].inputs]
    other = planner(shelf, Step(name="target", needs=[PlainAll(seed=1)]))
    assert 2 == len(carry_out(other, shelf))


def test_a_plain_task_without_targets_is_unseen(shelf: Shelf) -> None:
    """A plain task that says it is complete and has no targets shows nothing: its dependants always run."""

    class Said(luigi.Task):
        def complete(self) -> bool:
            return True

    target = Step(name="target", needs=[Said()])
    carry_out(planner(shelf, target), shelf)
    assert ["reuse", "run"] == verdicts(planner(shelf, target))


def test_a_plain_task_that_cannot_say(shelf: Shelf) -> None:
    """An error in a plain task's `complete()` is a clear error that names it."""

    class Torn(luigi.Task):
        def complete(self) -> bool:
            raise ConnectionError("no network")

    with pytest.raises(UsageError, match=r"`Torn.complete\(\)` failed: ConnectionError: no network"):
        planner(shelf, Step(name="target", needs=[Torn()])).plan()


def test_a_plain_task_that_became_complete_meanwhile(shelf: Shelf, tmp_path: Path) -> None:
    """What somebody else made between plan and turn is taken as it is then."""
    file = File(path=str(tmp_path / "a.txt"))
    target = Step(name="target", needs=[file])
    made = planner(shelf, target)
    made.plan()
    (tmp_path / "a.txt").write_text("meanwhile")
    decision = made.turn(target.task_id)  # Luigi finds the file complete and gives it no turn
    assert ("run", "first") == (decision.verdict, decision.reasons[0].kind)
    assert decision.key == planner(shelf, target).plan().decisions[target.task_id].key


class Away(Shelf):
    """A ledger whose store goes away."""

    def find(self, keys: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """No answer."""
        raise StoreError("away")


def test_a_store_that_goes_away_stops_nothing(shelf: Shelf) -> None:
    """Before anything runs it is an error; afterwards tasks run as if there were no results, and say why."""
    first, second = chain(2)
    made = planner(shelf, second)
    made.plan()
    made.finished(first.task_id, written(made.graph.nodes[first.task_id], 0))
    with pytest.raises(StoreError):
        planner(Away(), second).plan()
    made._answers = Answers(Away())
    decision = made.turn(second.task_id)
    assert ("run", ["unasked"]) == (decision.verdict, [reason.kind for reason in decision.reasons])
    assert 64 == len(decision.key or "")
