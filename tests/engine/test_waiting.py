"""Tasks that wait for what they yield."""

from __future__ import annotations

from daicho.engine.waiting import Waiting


def test_a_task_waits_until_all_is_there() -> None:
    """It is ready once, when the last of what it waits for is there, and then goes on with what it has begun."""
    waiting, done = Waiting(), set[str]()
    waiting.wait("above", ["a", "b"], begun=True)
    waiting.wait("other", ["c"], begun=False)
    assert ([], False) == (waiting.ready(done.__contains__), waiting.any_ready(done.__contains__))
    done.add("b")
    assert [] == waiting.ready(done.__contains__)
    done.add("a")
    assert waiting.any_ready(done.__contains__)
    assert (["above"], []) == (waiting.ready(done.__contains__), waiting.ready(done.__contains__))
    assert (True, False) == (waiting.goes_on("above"), waiting.goes_on("above"))
    done.add("c")
    assert (["other"], False) == (waiting.ready(done.__contains__), waiting.goes_on("other"))


def test_each_is_asked_about_once_when_it_is_there() -> None:
    """Ten thousand that come one by one cost as many questions, not the square."""
    waiting, done, asked = Waiting(), set[str](), 0

    def is_done(task_id: str) -> bool:
        nonlocal asked
        asked += 1
        return task_id in done

    names = [str(number) for number in range(10_000)]
    waiting.wait("above", names, begun=True)
    for name in reversed(names):
        done.add(name)
        waiting.ready(is_done)
    assert asked <= 2 * len(names)


def test_what_is_left_has_begun_and_waits() -> None:
    """At the end those that have a run to end are named, with what they waited for."""
    waiting = Waiting()
    waiting.wait("begun", ["a", "b"], begun=True)
    waiting.wait("never", ["a"], begun=False)
    assert [] == waiting.ready({"b"}.__contains__)
    assert ({"begun": ["a"]}, {}) == (waiting.left(), waiting.left())
