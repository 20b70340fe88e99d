"""Why a task runs: every kind of cause in a line that a person understands, from parts now and a record then."""

from __future__ import annotations

from dataclasses import replace

import luigi

from daicho import Source, Task, output, source
from daicho.plan.reasons import Place, Reason, compare
from daicho.record import InputRecord, OutputRecord, Record, SourceRecord
from tests.plan.memory import Shelf, carry_out, planner

NOW = Record(
    task="Trainer",
    task_id="Trainer_1",
    key="k",
    parameters={"depth": 3, "seed": 1},
    code={"tasks:Trainer": "a", "tools:scale": "b"},
    sources=(SourceRecord("raw", "input/a.csv", "1", 1200),),
    inputs=(InputRecord("data.train", "train.csv", "csv", "2", "Preprocessor"),),
    version="1",
)
DECLARED = {"model": ("model.skops", "skops")}
THEN = replace(NOW, outputs=(OutputRecord("model", "model.skops", "skops", "3", 9),))


def texts(earlier: Record | None, now: Record = NOW, places: dict[str, Place] | None = None) -> list[str]:
    """The reasons as they are printed."""
    return [reason.text for reason in compare(now, DECLARED, earlier, places or {})]


def test_the_first_run() -> None:
    """Without an earlier record there is nothing to compare with."""
    assert ["first run"] == texts(None)


def test_nothing_differs() -> None:
    """An equal earlier record that was not taken is gone or withdrawn."""
    (reason,) = compare(NOW, DECLARED, THEN, {})
    assert Reason("missing", "its earlier result is gone or withdrawn") == reason


def test_parameters() -> None:
    """A parameter that changed, is new, or is gone, with its values, long ones cut."""
    then = replace(THEN, parameters={"seed": 0, "old": "x" * 50})
    expected = ["depth: new, 3", "old: gone, was " + "x" * 37 + "...", "seed: 0 -> 1"]
    assert expected == texts(then)


def test_a_text_and_a_number_look_different() -> None:
    """Two values that print alike are still told apart as they were declared."""
    assert ["seed: 1 -> 2"] == texts(
        replace(THEN, parameters={"depth": 3, "seed": 1}), replace(NOW, parameters={"depth": 3, "seed": 2})
    )


def test_code_with_its_place() -> None:
    """What changed in the code, by name, with the file and line where it stands; what is gone has none."""
    then = replace(THEN, code={"tasks:Trainer": "a", "tools:scale": "z", "tools:Old.run": "y"})
    reasons = compare(NOW, DECLARED, then, {"tools:scale": Place("tools.py", 12)})
    assert [
        Reason("code", "code: Old.run gone", "tools:Old.run"),
        Reason("code", "code: scale changed (tools.py:12)", "tools:scale", "tools.py", 12),
    ] == list(reasons)
    expected = {"kind": "code", "text": "code: Old.run gone", "symbol": "tools:Old.run"}
    assert expected == reasons[0].to_json()


def test_sources() -> None:
    """A source that changed, with its sizes where these differ; one that is new; one that is none any more."""
    then = replace(
        THEN, sources=(SourceRecord("raw", "input/a.csv", "0", 1300), SourceRecord("old", "b", "1", 1))
    )
    assert ["input/a.csv changed (1,300 -> 1,200 bytes)", "old: no longer a source"] == texts(then)
    same_size = replace(THEN, sources=(SourceRecord("raw", "input/a.csv", "0", 1200),))
    assert ["input/a.csv changed"] == texts(same_size)
    assert ["raw: new source input/a.csv"] == texts(replace(THEN, sources=()))


def test_inputs() -> None:
    """An input that changed, by the way it is reached; one that is new; one that is none any more."""
    then = replace(
        THEN,
        inputs=(replace(NOW.inputs[0], digest="0"), replace(NOW.inputs[0], role="data.test")),
    )
    assert ["data.train changed (train.csv)", "data.test: no longer an input"] == texts(then)
    assert ["data.train: new input"] == texts(replace(THEN, inputs=()))


def test_declarations() -> None:
    """Outputs declared anew, and another `version`."""
    then = replace(THEN, outputs=(replace(THEN.outputs[0], name="model.pkl"),), version="")
    assert ["its declared outputs changed", "version: none -> 1"] == texts(then)


def test_long_lists_are_cut() -> None:
    """Of each kind four causes are named, and the rest is counted."""
    now = replace(NOW, parameters={f"p{place}": 1 for place in range(9)})
    then = replace(THEN, parameters={f"p{place}": 0 for place in range(9)})
    expected = [*(f"p{place}: 0 -> 1" for place in range(4)), "and 5 more parameters"]
    assert expected == texts(then, now)
    four = replace(NOW, parameters={f"p{place}": 1 for place in range(4)})
    assert expected[:4] == texts(replace(THEN, parameters={f"p{place}": 0 for place in range(4)}), four)


def test_causes_of_all_kinds_stand_together() -> None:
    """Several causes are all named, those that a person made first."""
    then = replace(NOW, parameters={}, code={}, sources=(), inputs=(), version="0", outputs=())
    kinds = [reason.kind for reason in compare(NOW, DECLARED, then, {})]
    expected = ["parameter", "parameter", "code", "code", "source", "upstream", "declaration", "declaration"]
    assert expected == kinds


class Trainer(Task):
    """A task with everything."""

    seed: int = 0
    depth: int = 3
    needs: list[luigi.Task] = []
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


def test_the_nearest_earlier_result_is_compared(shelf: Shelf) -> None:
    """Of several earlier results the one that has most in common tells why, not merely the newest."""
    old = {"Trainer": {"tasks:Trainer": "old"}}
    carry_out(planner(shelf, Trainer()), shelf)
    carry_out(planner(shelf, Trainer(seed=5, depth=5), code=old), shelf)
    (reason,) = planner(shelf, Trainer(seed=1)).plan().decisions[Trainer(seed=1).task_id].reasons
    assert ("parameter", "seed: 0 -> 1") == (reason.kind, reason.text)


def test_nearest_counts_inputs_too(shelf: Shelf) -> None:
    """Equal inputs make an earlier result near: the reason is the parameter, not an input."""
    one, two = (Trainer(needs=[Trainer(seed=seed)], depth=4) for seed in (1, 2))
    carry_out(planner(shelf, one), shelf)
    carry_out(planner(shelf, two), shelf)
    target = Trainer(needs=[Trainer(seed=1)], depth=9)
    (reason,) = planner(shelf, target).plan().decisions[target.task_id].reasons
    assert "depth: 4 -> 9" == reason.text


def test_a_changed_symbol_is_named_where_it_stands(shelf: Shelf) -> None:
    """The plan names the function that changed, with file and line."""
    code = {"Trainer": {"tasks:Trainer": "1", "tools:scale": "1"}}
    carry_out(planner(shelf, Trainer(), code=code), shelf)
    changed = {"Trainer": {"tasks:Trainer": "1", "tools:scale": "2"}}
    places = {"tools:scale": Place("tools.py", 3)}
    (reason,) = (
        planner(shelf, Trainer(), code=changed, places=places).plan().decisions[Trainer().task_id].reasons
    )
    assert Reason("code", "code: scale changed (tools.py:3)", "tools:scale", "tools.py", 3) == reason


class Sourced(Task):
    """A task with sources that lie elsewhere."""

    raw: Source = source("https://example.org/a.csv", version="1")
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


def test_a_source_elsewhere_is_its_version(shelf: Shelf) -> None:
    """A source with a version is not looked for on disk; another version is another source."""
    carry_out(planner(shelf, Sourced()), shelf)
    assert planner(shelf, Sourced()).plan().nothing_to_do
    other = Sourced.configured(raw=Source("https://example.org/a.csv", version="2"))
    (reason,) = planner(shelf, other).plan().decisions[other.task_id].reasons
    assert "https://example.org/a.csv changed" == reason.text
