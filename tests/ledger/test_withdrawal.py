"""Results that were withdrawn: gone for planning, still there for people, on every kind of store."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from daicho.ledger import Withdrawal, withdraw, withdrawal_of
from tests.ledger.scene import PROJECT, Scene, new_key

REASON = "trained on test data: “oops” 試"


def test_a_withdrawn_result_is_not_found(scene: Scene) -> None:
    """After a withdrawal the next result of the key counts, and then none; what was said of the newest is known."""
    key = new_key()
    scene.open()
    first, second = scene.publish(key), scene.publish(key)
    scene.close()
    ledger = scene.ledger()
    assert [first.run_id, second.run_id] == [record.run_id for record in ledger.find([key])[key]]
    assert ledger.withdrawn(key) is None
    said = Withdrawal.now(REASON, "ana")
    withdraw(scene.store, str(first.run_id), said)
    assert [second.run_id] == [record.run_id for record in scene.ledger().find([key])[key]]
    withdraw(scene.store, str(second.run_id), said)
    assert {} == ledger.find([key])
    assert said == ledger.withdrawn(key)
    assert f"withdrawn by ana: {REASON}" == str(ledger.withdrawn(key))


def test_a_withdrawn_result_is_shown(scene: Scene) -> None:
    """By its run, its task and its pipeline run a withdrawn result is found as before, and says what it is."""
    run = scene.open()
    record, other = scene.publish(task="Withdrawn"), scene.publish(task="Withdrawn")
    scene.close()
    said = Withdrawal.now(REASON, "ana")
    withdraw(scene.store, str(record.run_id), said)
    ledger = scene.ledger()
    found = [ledger.run(str(record.run_id)), ledger.tasks_of(run)[0], ledger.newest("Withdrawn")[1]]
    assert [(record.run_id, said)] * 3 == [(each.run_id, withdrawal_of(each)) for each in found if each]
    light = ledger.run(str(other.run_id))
    assert light is not None
    assert withdrawal_of(light) is None


def test_task_runs_are_found_by_first_digits(scene: Scene) -> None:
    """A task's run is found by the beginning of its id, a pipeline run is not; and whose it is can be told."""
    pipeline = scene.open()
    record = scene.publish()
    scene.close()
    ledger = scene.ledger()
    run_id, experiment = str(record.run_id), str(record.experiment_id)
    assert [run_id] == [each.run_id for each in ledger.task_runs(run_id[:10])]
    assert [] == ledger.task_runs(pipeline) + ledger.task_runs("f" * 31)
    assert (PROJECT, None) == (ledger.project_of(experiment), ledger.project_of("999999"))
    other = scene.ledger(project="other", experiment="other")
    assert PROJECT == other.project_of(experiment)
    assert [run_id] == [each.run_id for each in other.task_runs(run_id)]


def test_a_withdrawal_says_when() -> None:
    """The moment is UTC, in a form that sorts and that everybody reads alike."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", Withdrawal.now("x", "ana").when)


@given(st.text(), st.text(), st.text())
def test_a_withdrawal_survives_its_tag(reason: str, who: str, when: str) -> None:
    """What is written into the tag is what is read out of it."""
    said = Withdrawal(reason, who, when)
    assert said == Withdrawal.of({"daicho.forgotten": json.dumps(said.to_json())})


@given(st.one_of(st.text(), st.sampled_from(["true", "{}", "[]", '{"reason": 1}', "null", "3"])))
def test_a_tag_that_a_person_wrote_counts(text: str) -> None:
    """Whatever the tag holds, the result is withdrawn: better run again than stale."""
    said = Withdrawal.of({"daicho.forgotten": text})
    assert said is not None
    assert f"withdrawn: {text}" == str(said)


def test_long_reasons_fit() -> None:
    """A reason of any length fits into a tag."""
    said = Withdrawal.now("試" * 10_000, "ana" * 10_000)
    assert len(json.dumps(said.to_json(), ensure_ascii=False)) < 5_000
    assert said.reason.endswith("…")
