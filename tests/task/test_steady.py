"""Which graphs are the same wherever the same files lie: what may be remembered, and what must be asked again."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from daicho.task.steady import first_party_modules, unsteady

Load = Callable[..., ModuleType]

HEAD = """
from __future__ import annotations
import datetime, enum, json, os, pathlib, random, time
import luigi
from luigi.util import requires
import pydantic
from daicho import Source, Task, output, param, source
"""


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Imports texts as modules of a project, and forgets them afterwards."""
    names: list[str] = []

    def one(text: str, name: str = "steady_tasks") -> ModuleType:
        path = tmp_path / f"{name}.py"
        path.write_text(HEAD + dedent(text), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        names.append(name)
        spec.loader.exec_module(module)
        return module

    yield one
    for name in names:
        sys.modules.pop(name, None)


def _found(module: ModuleType, root: Path, name: str = "Last") -> str | None:
    return unsteady([getattr(module, name)], root)


STEADY = {
    "parameters with literal defaults": """
        class Last(Task):
            seed: int = 0
            names: list[str] = param(default=["a", "b"])
            rate: float = -0.5 * 2
            raw: Source = source("input/train.csv")
            day: datetime.date = datetime.date(2026, 1, 1)
            out = output("a.csv")
            def run(self): os.listdir(".")
        """,
    "annotated dependencies": """
        class First(Task):
            out = output("a.csv")
            def run(self): pass
        class Last(Task):
            first: First
            others: list[First] = [First(), First()]
            def run(self): return time.time()
        """,
    "constants of the module": """
        SEEDS = (1, 2, 3)
        NAMES = ["a"]
        class Last(Task):
            seed: int = SEEDS[0]
            names: list[str] = NAMES
            def run(self): pass
        """,
    "a comprehension over parameters": """
        class First(Task):
            seed: int
            def run(self): pass
        class Last(Task):
            count: int = 3
            def requires(self): return {f"part {i}": First(seed=i) for i in range(self.count) if i % 2}
            def run(self): pass
        """,
    "a loop that appends": """
        class First(Task):
            seed: int
            def run(self): pass
        class Last(Task):
            seeds: list[int] = [1, 2]
            def requires(self):
                '''All seeds.'''
                needed = []
                for place, seed in enumerate(sorted(self.seeds)):
                    if seed > 1 or place == 0:
                        needed.append(First(seed=seed))
                return needed
            def run(self): pass
        """,
    "luigi's own decorators and parameters": """
        class First(luigi.Task):
            day = luigi.DateParameter(default=datetime.date(2026, 1, 1))
        @requires(First)
        class Last(Task):
            size = luigi.IntParameter(default=3)
            def run(self): pass
        """,
    "an enumeration and a model of values": """
        class Kind(enum.Enum):
            RIDGE = "ridge"
            TREE = "tree"
        class Options(pydantic.BaseModel):
            depth: int = pydantic.Field(default=3)
            def label(self) -> str: return str(self.depth)
        class Last(Task):
            kind: Kind = Kind.RIDGE
            options: Options = Options(depth=4)
            def run(self): pass
        """,
    "what other libraries do when the module is imported": """
        import logging
        log = logging.getLogger(__name__)
        logging.captureWarnings(False)
        os.environ["STEADY_TEST"] = "1"
        WORDS = json.loads('["a"]')
        try:
            import tomllib
        except ImportError:
            tomllib = None
        if __name__ == "__main__":
            Last.seed = 3
        class Last(Task):
            def run(self): return WORDS
        """,
    "helpers of the class that nobody asks": """
        class Last(Task):
            cached = False
            def run(self): self.fit()
            def fit(self): return random.random()
            @property
            def label(self): return time.time()
        """,
}

ODD = {
    "the clock as a default": ("day: datetime.date = datetime.date.today()", "datetime.date.today()"),
    "a folder as a default": ("names: list[str] = os.listdir('.')", "os.listdir('.')"),
    "the environment as a default": ("home: str = os.environ.get('HOME', '')", "os.environ.get"),
    "a parameter of luigi with the clock": (
        "day = luigi.DateParameter(default=datetime.date.today())",
        "datetime.date.today()",
    ),
    "a requires that looks into a folder": (
        "def requires(self): return [First(seed=len(os.listdir(p))) for p in ['.']]",
        "os.listdir(p)",
    ),
    "a requires that calls a helper": ("def requires(self): return helper()", "helper()"),
    "a requires that calls another method": ("def requires(self): return self.parts()", "self.parts()"),
    "a requires that reads a property": (
        "parts = property(lambda self: [First(seed=1)])\n    def requires(self): return self.parts",
        "property(lambda self: [First(seed=1)])",
    ),
    "a priority that is computed": ("@property\n    def priority(self): return time.time()", "priority()"),
    "a constructor of its own": ("def __init__(self, *a, **k): super().__init__(*a, **k)", "__init__()"),
    "a constant that was read from a file": ("seed: int = READ", "pathlib"),
    "a constant that is bound below an if": ("seed: int = SOMETIMES", "`SOMETIMES`"),
    "an open file": ("def requires(self): return [First(seed=int(x)) for x in open('seeds')]", "open('seeds')"),
    "something that sleeps in the body": ("for place in range(2): pass", "line "),
}  # fmt: skip


@pytest.mark.parametrize("text", STEADY.values(), ids=STEADY)
def test_steady(text: str, load: Load, tmp_path: Path) -> None:
    """What is put together from literals, parameters and constructors of tasks depends on nothing else."""
    assert None is _found(load(text), tmp_path)


@pytest.mark.parametrize(("line", "named"), ODD.values(), ids=ODD)
def test_odd(line: str, named: str, load: Load, tmp_path: Path) -> None:
    """What asks anything else is found, and the code is named."""
    text = f"""
READ = len(pathlib.Path(__file__).name)
if os.path.exists("somewhere"):
    SOMETIMES = 1
else:
    SOMETIMES = 2
class First(Task):
    seed: int
    def run(self): pass
def helper():
    return [First(seed=1)]
class Last(Task):
    {line}
    def run(self): pass
"""
    found = _found(load(text), tmp_path)
    assert found is not None
    assert named in found
    assert "`steady_tasks`" in found


@pytest.mark.parametrize(
    "statement",
    [
        "change(Last)",
        "Last.seed = 3",
        "setattr(Last, 'seed', 3)",
        "print(Last)",
        "globals()['Last'].seed = 3",
        "[change(each) for each in ()]",
        "if os.environ.get('HOME'):\n    Last.seed = 3",
    ],
)
def test_module_that_changes_a_task(statement: str, load: Load, tmp_path: Path) -> None:
    """A module whose import may change a task class is found, whichever way it takes."""
    text = f"""
def change(kind):
    return None
class Last(Task):
    seed: int = 1
    def run(self): pass
{statement}
"""
    assert _found(load(text), tmp_path) is not None


def test_other_module_counts(load: Load, tmp_path: Path) -> None:
    """Every imported module of the project is looked at, not only those that define the tasks."""
    module = load("class Last(Task):\n    def run(self): pass\n")
    load("import steady_tasks\nsteady_tasks.Last.seed = 3\n", name="steady_other")
    found = _found(module, tmp_path)
    assert found is not None
    assert "steady_other" in found
    assert ["steady_other", "steady_tasks"] == first_party_modules(tmp_path)


def test_constant_of_another_module(load: Load, tmp_path: Path) -> None:
    """A constant that is imported counts as what it is where it is bound."""
    load("SEED = 3\nTODAY = datetime.date.today()\n", name="steady_constants")
    good = load(
        "from steady_constants import SEED\nclass Last(Task):\n    seed: int = SEED\n    def run(self): pass\n"
    )
    assert None is _found(good, tmp_path)
    bad = load(
        "import steady_constants\nclass Last(Task):\n    day: datetime.date = steady_constants.TODAY\n    def run(self): pass\n"
    )
    found = _found(bad, tmp_path)
    assert found is not None
    assert "datetime.date.today()" in found


def test_model_with_a_validator_is_odd(load: Load, tmp_path: Path) -> None:
    """A parameter's type that runs code of the project while a value is read may give another one next time."""
    text = """
        class Options(pydantic.BaseModel):
            depth: int = 3
            @pydantic.field_validator("depth")
            @classmethod
            def deeper(cls, value): return value + time.time_ns() % 2
        class Last(Task):
            options: Options
            def run(self): pass
        """
    found = _found(load(text), tmp_path)
    assert found is not None
    assert "`Options`" in found
