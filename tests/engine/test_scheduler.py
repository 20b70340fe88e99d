"""What runs next: for any graph, in any order of ends, a task is given out once, after all that it needs."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from luigi.task_status import DONE, FAILED, PENDING

from daicho.engine.scheduler import Scheduler

Needs = list[tuple[int, list[int]]]


@st.composite
def graphs(draw: st.DrawFn) -> Needs:
    """Priority and needs of each task; a task needs only earlier ones."""
    count = draw(st.integers(1, 10))
    return [
        (
            draw(st.integers(-2, 2)),
            draw(st.lists(st.integers(0, place - 1), max_size=4)) if place else [],  # also the same one twice
        )
        for place in range(count)
    ]


def added(graph: Needs, *, backwards: bool) -> Scheduler:
    """A scheduler that knows a graph; Luigi adds a task before what it needs."""
    made = Scheduler()
    places = range(len(graph))
    for place in reversed(places) if backwards else places:
        priority, needs = graph[place]
        made.add_task(str(place), PENDING, [str(need) for need in needs], priority)
    return made


def next_of(scheduler: Scheduler) -> str | None:
    """The task that is given out."""
    task_id = scheduler.get_work()["task_id"]
    assert task_id is None or isinstance(task_id, str)
    return task_id


@given(graphs(), st.randoms(use_true_random=False), st.booleans(), st.sets(st.integers(0, 9)))
def test_everything_in_its_order(graph: Needs, random: Random, backwards: bool, failing: set[int]) -> None:
    """Each task is given out once and after what it needs; those above a failed one never; all others are."""
    scheduler = added(graph, backwards=backwards)
    bad = set(failing)
    for place, (_, needs) in enumerate(graph):
        if bad & set(needs):
            bad.add(place)
    given_out: list[str] = []
    done: set[str] = set()
    running: list[str] = []
    while True:
        task_id = next_of(scheduler) if random.random() < 0.7 or not running else None
        if task_id is not None:
            assert task_id not in given_out
            assert {str(need) for need in graph[int(task_id)][1]} <= done
            given_out.append(task_id)
            running.append(task_id)
        elif running:
            ended = running.pop(random.randrange(len(running)))
            failed = int(ended) in failing
            scheduler.add_task(ended, FAILED if failed else DONE, runnable=None)
            done |= set() if failed else {ended}
        else:
            break
    above = {str(place) for place in bad - failing} | {
        str(place) for place in failing if place < len(graph) and {*graph[place][1]} & bad
    }
    assert {str(place) for place in range(len(graph))} - above == set(given_out)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=10))
def test_priorities(priorities: list[int]) -> None:
    """Of the tasks that are ready the most important goes first, among equals the one that was added first."""
    scheduler = added([(priority, []) for priority in priorities], backwards=False)
    expected = sorted(range(len(priorities)), key=lambda place: (-priorities[place], place))
    assert [str(place) for place in expected] == [next_of(scheduler) for _ in priorities]
    assert None is next_of(scheduler)


def test_what_is_done_already_is_waited_for_by_nobody() -> None:
    """A task that was complete when it was added is not given out, and holds nothing up."""
    scheduler = Scheduler()
    scheduler.add_task("below", DONE)
    scheduler.add_task("above", PENDING, ["below"])
    assert ["above", None] == [next_of(scheduler), next_of(scheduler)]


def test_what_cannot_run_is_not_given_out() -> None:
    """A task that Luigi calls not runnable, or disabled, gets no turn."""
    scheduler = Scheduler()
    scheduler.add_task("one", PENDING, runnable=False)
    scheduler.add_task("two", "DISABLED")
    assert None is next_of(scheduler)


def test_looking_takes_nothing() -> None:
    """Counting what is pending gives nothing out."""
    scheduler = Scheduler()
    scheduler.add_task("one")
    assert 1 == scheduler.count_pending()["n_pending_tasks"]
    assert "one" == next_of(scheduler)


def test_a_hundred_thousand_steps_are_quick() -> None:
    """A chain and a fan of 50,000 each: the work is what each still waits for, never a look at all."""
    count = 50_000
    scheduler = Scheduler()
    for place in range(count):
        scheduler.add_task(str(place), PENDING, [str(place - 1)] if place else [])
    for place in range(count):
        assert str(place) == next_of(scheduler)
        scheduler.add_task(str(place), DONE)
    fan = Scheduler()
    fan.add_task("all", PENDING, [str(place) for place in range(count)])
    for place in range(count):
        fan.add_task(str(place), PENDING)
    for _ in range(count):
        fan.add_task(str(next_of(fan)), DONE)
    assert "all" == next_of(fan)


Asks = list[tuple[int, dict[str, int]]]


@st.composite
def sharing(draw: st.DrawFn) -> tuple[Asks, dict[str, int]]:
    """Tasks with a priority and what each needs of shared resources, and how much there is of these."""
    totals = {"gpu": draw(st.integers(1, 3)), "disk": draw(st.integers(1, 2))}
    count = draw(st.integers(1, 12))
    return [
        (
            draw(st.integers(-1, 1)),
            {
                name: amount
                for name, total in totals.items()
                if (amount := draw(st.integers(0, total)))  # what nobody can have is refused before
            },
        )
        for _ in range(count)
    ], totals


@given(sharing(), st.randoms(use_true_random=False))
def test_no_more_is_taken_than_there_is(case: tuple[Asks, dict[str, int]], random: Random) -> None:
    """At no time do the tasks that are out need more than there is; all get their turn, whatever ends first."""
    asks, totals = case
    scheduler = Scheduler(totals)
    for place, (priority, resources) in enumerate(asks):
        scheduler.add_task(str(place), PENDING, [], priority, resources=resources)
    out: list[str] = []
    given_out: list[str] = []
    while True:
        task_id = next_of(scheduler)
        if task_id is not None:
            out.append(task_id)
            given_out.append(task_id)
            for name, total in totals.items():
                assert total >= sum(asks[int(each)][1].get(name, 0) for each in out)
        elif out:
            scheduler.add_task(out.pop(random.randrange(len(out))), random.choice((DONE, FAILED)))
        else:
            break
    assert sorted(map(str, range(len(asks)))) == sorted(given_out)


def test_a_resource_that_is_not_named_is_there_once() -> None:
    """As in Luigi: what the configuration does not say is one."""
    scheduler = Scheduler()
    for name in ("one", "two"):
        scheduler.add_task(name, resources={"printer": 1})
    scheduler.add_task("free")
    assert ["one", "free", None] == [next_of(scheduler) for _ in range(3)]
    scheduler.add_task("one", FAILED)
    assert "two" == next_of(scheduler)


def test_who_waits_for_a_resource_is_not_overtaken() -> None:
    """A task that needs much gets it although there is always somebody who needs less; others pass by."""
    scheduler = Scheduler({"gpu": 2})
    scheduler.add_task("small", resources={"gpu": 1})
    scheduler.add_task("large", resources={"gpu": 2})
    scheduler.add_task("smaller", resources={"gpu": 1})
    scheduler.add_task("free")
    assert ["small", "free", None] == [next_of(scheduler) for _ in range(3)]
    scheduler.add_task("small", DONE)
    assert ["large", None] == [next_of(scheduler) for _ in range(2)]
    scheduler.add_task("large", DONE)
    assert "smaller" == next_of(scheduler)


def test_a_task_that_rests_holds_nothing() -> None:
    """One that is pending again lets go of its resources, and gets its next turn when it is called."""
    scheduler = Scheduler()
    for name in ("one", "two"):
        scheduler.add_task(name, resources={"gpu": 1})
    assert "one" == next_of(scheduler)
    scheduler.add_task("one", PENDING)
    assert ["two", None] == [next_of(scheduler) for _ in range(2)]
    scheduler.again("one")
    assert None is next_of(scheduler)
    scheduler.add_task("two", DONE)
    assert "one" == next_of(scheduler)


def test_ten_thousand_that_share_are_quick() -> None:
    """Those that wait for a resource are looked at once for all of their kind."""
    scheduler = Scheduler({"gpu": 2})
    for place in range(10_000):
        scheduler.add_task(str(place), resources={"gpu": 1 + place % 2})
    out: list[str] = []
    for _ in range(10_000):
        while (task_id := next_of(scheduler)) is None:
            scheduler.add_task(out.pop(0), DONE)
        out.append(task_id)
    assert None is next_of(scheduler)
