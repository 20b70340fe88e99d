"""Several configurations of one class, one value for many tasks, and a configuration that is frozen."""

from __future__ import annotations

from pathlib import Path

import luigi
import pytest

from daicho import Task, output, param
from daicho.errors import ConfigurationError, ParameterError
from daicho.task.check import check_sections
from daicho.task.graph import build
from tests.task.conftest import Configure


class Data(Task):
    day: str = "today"
    seed: int = 0
    table = output("table.json")

    def run(self) -> None: ...


class Trainer(Task):
    data: Data
    seed: int = 0
    rate: float = 0.1
    options: dict[str, int] = {}
    model = output("model.json")

    def run(self) -> None: ...


class Fancy(Trainer):
    depth: int = 3


class Other(Task):
    number = luigi.IntParameter(default=7)
    seed: int | None = None


class Compared(Task):
    plain: Trainer
    wide: Trainer = param(named="wide")
    more: list[Trainer] = []
    maybe: Trainer | None = None
    score = output("score.json")

    def run(self) -> None: ...


TASKS: list[type[luigi.Task]] = [Data, Trainer, Fancy, Other, Compared]
TWO = "[Trainer]\nseed = 1\nrate = 0.5\n[Trainer.wide]\nrate = 0.9\noptions = { a = 1 }\n"


def test_two_configurations_of_one_class(configure: Configure) -> None:
    """`[Trainer.wide]` lies over `[Trainer]`; both can be in one graph, and are two tasks."""
    configure(TWO)
    task = Compared.configured()
    assert (0.5, 1, {}) == (task.plain.rate, task.plain.seed, task.plain.options)
    assert (0.9, 1, {"a": 1}) == (task.wide.rate, task.wide.seed, task.wide.options)
    assert task.wide is Trainer.configured("wide")
    assert task.plain.data is task.wide.data
    assert 4 == len(build(task).nodes)


def test_a_name_in_code_gives_way_to_values(configure: Configure) -> None:
    """What is given beside the name comes before what the table says."""
    configure(TWO)
    assert (2, 0.9) == (Trainer.configured("wide", seed=2).seed, Trainer.configured("wide", seed=2).rate)


def test_a_file_names_tasks(configure: Configure) -> None:
    """A dependency in TOML is the name of a task: a configuration, the plain one, a subclass; in lists, too."""
    configure(
        TWO
        + "[Fancy]\ndepth = 5\n[Compared]\nplain = 'Fancy'\nmore = ['Trainer', 'Trainer.wide']\nmaybe = 'Trainer.wide'\n"
    )
    task = Compared.configured()
    assert isinstance(task.plain, Fancy)
    assert (5, 0.5) == (task.plain.depth, task.plain.rate)
    assert [Trainer.configured(), task.wide] == task.more
    assert task.wide is task.maybe


def test_an_override_names_tasks(configure: Configure) -> None:
    """On the command line likewise; and a configuration's own values can be overridden."""
    configure(
        TWO,
        overrides=("Compared.plain=Trainer.wide", "Compared.more=['Trainer.wide']", "Trainer.wide.rate=2"),
    )
    task = Compared.configured()
    assert (2.0, 2.0) == (task.plain.rate, task.more[0].rate)
    check_sections(configure(TWO, overrides=("Trainer.wide.rate=2",)).settings, TASKS)


def test_code_gives_tasks_and_no_names(configure: Configure) -> None:
    """Where code gives a dependency it is a task, as its type says."""
    configure(TWO)
    with pytest.raises(ParameterError, match="must be an instance of Trainer"):
        Compared.configured(plain="Trainer.wide")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[Compared]\nplain = 'Trainer.wdie'\n", '"Trainer.wdie" names no task that can stand here'),
        ("[Compared]\nmore = ['Data']\n", '`Compared.more`: "Data" names no task that can stand here'),
        ("[Trainer.narrow]\nrat = 1.0\nseed = 1\n", "`Trainer` has no parameter `rat`"),
        ("[Trainer.narrow]\nseed = 'x'\n", '`Trainer.seed` is "x", but its type is `int`'),
    ],
)
def test_what_is_wrong_with_a_configuration_is_found_at_once(
    configure: Configure, toml: str, message: str
) -> None:
    """A name that is none, a key that no parameter has, a wrong type: all before any task is built."""
    with pytest.raises((ConfigurationError, ParameterError), match=message) as caught:
        check_sections(configure(TWO + toml).settings, TASKS)
    assert caught.value.where is not None
    assert 7 <= (caught.value.where.line or 0)


def test_an_unknown_configuration_names_the_nearest(configure: Configure) -> None:
    """A name without a table is an error in code, and on the command line."""
    configure(TWO)
    with pytest.raises(ParameterError, match="`Trainer` has no configuration `wdie`") as caught:
        Trainer.configured("wdie")
    assert "did you mean `wide`?" in caught.value.hints
    with pytest.raises(ConfigurationError, match="`Trainer` has no configuration `wdie`"):
        check_sections(configure(TWO, overrides=("Trainer.wdie.rate=2",)).settings, TASKS)
    with pytest.raises(ConfigurationError, match=r"`Trainer.options` is one value, and `a` in it"):
        check_sections(configure(TWO, overrides=("Trainer.options.a=2",)).settings, TASKS)


def test_a_dictionary_is_no_configuration(configure: Configure) -> None:
    """`[Trainer.options]` is the value of the parameter of that name."""
    configure("[Trainer.options]\na = 1\n")
    assert {"a": 1} == Trainer.configured().options
    with pytest.raises(ParameterError, match="has no configuration `options`"):
        Trainer.configured("options")


def test_one_value_for_many_tasks(configure: Configure) -> None:
    """`[defaults]` gives a value to every task that has such a parameter and no value of its own."""
    configure("[defaults]\nseed = 3\nday = 'monday'\n[Trainer]\nseed = 1\n[Trainer.wide]\n")
    assert (3, "monday") == (Data.configured().seed, Data.configured().day)
    assert (1, 3) == (Trainer.configured().seed, Other.configured().seed)
    assert (1, 1) == (Fancy.configured().seed, Trainer.configured("wide").seed)
    assert 9 == Data(seed=9).seed


def test_one_value_for_many_from_the_command_line(configure: Configure) -> None:
    """It can be overridden like any other, also from code, and for Luigi's own parameters."""
    configure("[defaults]\nseed = 3\n", overrides=("defaults.seed=4", "defaults.number=5"))
    assert (4, 5) == (Data.configured().seed, Other.configured().number)
    check_sections(configure(params={"defaults.seed": 6}).settings, TASKS)
    assert 6 == Data.configured().seed


def test_a_value_that_no_task_takes_is_an_error_once(configure: Configure) -> None:
    """A name that nobody has, and a wrong type, are errors; one of each, however many tasks there are."""
    with pytest.raises(ConfigurationError) as caught:
        check_sections(configure("[defaults]\nsede = 1\nseed = 'x'\n").settings, TASKS)
    messages = [problem.message for problem in caught.value.problems]
    assert ["no task has a parameter `sede`", "`Data.seed`"] == [messages[0], messages[1][:11]]
    assert 2 == len(messages)


def test_a_launch_is_frozen(configure: Configure, tmp_path: Path) -> None:
    """What the files say later, or no longer, does not reach a launch that has begun."""
    configure("[Trainer]\nseed = 1\n")
    assert 1 == Trainer.configured().seed
    (tmp_path / "luigi.toml").write_text("[Trainer]\nseed = 2\nrate = 9.0\n")
    assert (1, 0.1) == (Trainer.configured(options={"a": 1}).seed, Fancy.configured().rate)
    (tmp_path / "luigi.toml").unlink()
    assert 1 == Trainer.configured(options={"a": 2}).seed
