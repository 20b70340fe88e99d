"""The user's project that is edited: several modules and tasks, with code in every position that can matter.

`Prepare` -> `Train` -> `Report` are one line; `Dynamic` finds its code only when it runs; `Typed` has parameters of
all types; `Unrelated` has nothing to do with the others. Whatever may be edited shows in some task's output.
"""

from __future__ import annotations

from collections.abc import Mapping

TASKS = '''"""The tasks of the project."""

from __future__ import annotations

import functools
import importlib
import json
import os
from pathlib import Path

from daicho import Source, Task, output, source

import attributes
import constants
import late
import plugins
from alone import Unrelated
from bases import Base, Mixin
from cleaning import clean
from decorated import timed, traced
from dynamic import Dynamic
from ignored import vendored
from lib import exported, log
from lib import maths as arithmetic
from lib.stars import *
from lib.early import TAKEN
from linked import through_link
from models import Box, Colour, Config, Made, Row, Shape, manager
from ring_one import even
from space.inner import spaced
from typed import Typed
from underneath import below_src

HIDDEN = 0
from lib.later import *

LIMIT = 3
FIRST, SECOND = 1, 2
TABLE = {"a": 1}
TABLE["b"] = 2
ALIAS = constants.ALIASED
COUNT = 1
COUNT += 1
SQUARES = [n * n for n in range(4)]

try:
    import no_such_module as chosen
except ImportError:
    import fallback as chosen

if constants.HIGH:
    def branch():
        return "high"
else:
    def branch():
        return "low"


def helper(x: int, y: int = 7, *, step=10) -> int:
    """Help."""
    # adds up
    total = x + y + step + LIMIT
    return total


def unused():
    return 99


def outer(factor):
    def inner(v):
        return v * factor * 7
    return inner


square = lambda v: v * v
added = functools.partial(helper, 5)
closed = outer(4)


@traced
def decorated(x):
    return x + 100


@functools.singledispatch
def show(value):
    return "any"


@show.register
def _(value: int):
    return "int"


def deep():
    import local_one
    from local_two import second as other
    return local_one.first() + other()


def counting():
    for number in range(3):
        yield number * 2


class Prepare(Task):
    """Read the numbers."""

    OFFSET = 1

    factor: int = 2
    note: str = "plain"
    raw: Source = source("data/numbers.txt")
    more: Source = source("data/more")
    numbers = output("numbers.json")

    def run(self):
        listed = [int(line) for line in self.raw.path.read_text().split()]
        further = {path.name: path.read_text() for path in sorted(self.more.path.iterdir())}
        self.numbers.save({"numbers": clean(listed, self.factor), "more": further})

    @staticmethod
    def names():
        return ["x", "y"]


class Train(Mixin, Base):
    """Train."""

    seed: int = 0
    data: Prepare
    model = output("model.json")

    @timed(loud=False)
    def run(self):
        """Fit."""
        numbers = self.data.numbers.load()
        step = 5
        self.model.save({
            "body": step,
            "input": numbers,
            "seed": self.seed,
            "parameter of a dependency": self.data.note,
            "of the dependency's class": [Prepare.OFFSET, Prepare.names()],
            "bases": [self.shared, self.prepared(), self.mixed(), self.level],
            "helpers": [helper(1), decorated(1), deep(), list(counting()), branch(), even(3), show(1)],
            "values": [LIMIT, FIRST, TABLE, ALIAS, COUNT, SQUARES, constants.STEP, constants.KIND],
            "callables": [square(2), added(), closed(1), sorted(["b", "a"], key=lambda text: text)],
            "modules": [exported(), arithmetic.cube(2), starred(), spaced(), chosen.name(), below_src(), through_link(), vendored()],
            "found": [importlib.import_module("named").answer(), getattr(plugins, "p" + "lug")(), late.made_up()],
            "kinds": [Colour.RED.value, Config().depth, Config().names, Shape(2).area, Made.level, Box.Inner.size, Row(1).b],
            "said": f"{step:>4}",
            "managed": manager(),
            "hidden by a star": [HIDDEN, TAKEN],
            "by `__dict__`": attributes.__dict__["RATE"],
        })


class Report(Task):
    """Write it down."""

    uses = ("templates/report.txt", "lib.hidden")
    ignores = ("lib.log",)
    environment = ("REPORT_LANGUAGE",)

    model_of: Train
    title: str = "Results"
    report = output("report.txt")

    def run(self):
        log.say("writing")
        template = (Path(__file__).parent / "templates" / "report.txt").read_text()
        hidden = importlib.import_module(".".join(["lib", "hidden"])).SECRET
        language = os.environ.get("REPORT_LANGUAGE", "en")
        model = json.dumps(self.model_of.model.load(), sort_keys=True)
        self.report.save(template.format(title=self.title, hidden=hidden, language=language, model=model))


class Everything(Task):
    """All of it."""

    report: Report
    dynamic: Dynamic
    typed: Typed
    unrelated: Unrelated


if __name__ == "__main__":
    print(helper(1))
'''

DYNAMIC = '''"""A task that finds its code only when it runs."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
import sys
from concurrent.futures import ThreadPoolExecutor

from daicho import Source, Task, output, source

import shelf
import wiring
from dispatching import describe
from patched import Holder, VALUE_HOLDER, greet
from registry import CLASSES, FACTORIES, HANDLERS, STEPS, Early, Marker, Plugin, step


@step
def counted():
    return 1


class Dynamic(Task):
    """Run whatever is registered, named, unpickled or patched."""

    target: str = "pluggable.chosen:pick"
    preset: str = "presets.small"
    ready: str = "ready"
    formula: str = "cube(3)"
    names: Source = source("data/names.txt")
    thing: Source = source("data/thing.pickle")
    plain: Source = source("data/plain.pickle")
    result = output("dynamic.json")

    def run(self):
        wiring.load()
        found = {}
        found["registry"] = {name: each() for name, each in sorted(HANDLERS.items())}
        found["subclasses"] = sorted(kind().label() for kind in Plugin.__subclasses__())
        found["factories"] = {name: each().make() for name, each in sorted(FACTORIES.items())}
        found["parameter"] = self._named(self.target)()
        found["data"] = [self._named(line)() for line in self.names.path.read_text().split()]
        found["dispatched"] = describe(wiring.thing())
        found["patched"] = [VALUE_HOLDER["value"], Holder.level, Holder().method(), greet()]
        found["pickled"] = pickle.loads(self.thing.path.read_bytes()).value()
        found["evaluated"] = eval(self.formula, vars(importlib.import_module("formu" + "las")))
        found["values alone"] = {
            "preset": importlib.import_module(self.preset).RATE,
            "loaded": sys.modules["loaded"].RATE,
            "computed": sys.modules["compu" + "ted"].RATE,
            "optional": [getattr(sys.modules["compu" + "ted"], name, 0) for name in ("MORE", "LESS")],
            "listed": sorted(name for name in vars(sys.modules["shelf.na" + "mes"]) if name.isupper()),
            "attribute": getattr(shelf, "in" + "ner").RATE,
            "resolved": pkgutil.resolve_name("shelf.other:RA" + "TE"),
            "module": getattr(inspect.getmodule(describe), "NO" + "TE"),
            "globals": greet.__globals__["OT" + "HER"],
            "handed on": sys.modules["shelf.handed"].GIVEN,
            "classes": [CLASSES[name].size for name in ("Early", "Settings")] + [CLASSES["Settings"]().depth],
            "steps": [each() for each in STEPS],
            "early": sorted(kind.level for kind in Early.__subclasses__()),
            "ready": importlib.import_module(self.ready).RATE,
            "evaluated": eval("LEV" + "EL", vars(importlib.import_module("formu" + "las"))),
            "subclasses": sorted(kind.size for kind in Marker.__subclasses__()),
            "pickled": pickle.loads(self.plain.path.read_bytes()).weight,
        }
        with ThreadPoolExecutor(1) as pool:
            found["thread"] = pool.submit(HANDLERS["first"]).result()
        self.result.save(found)

    def _named(self, place):
        module, _, name = place.partition(":")
        return getattr(importlib.import_module(module), name)
'''

TYPED = '''"""A task with parameters of all types."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

import luigi
from pydantic import BaseModel

from daicho import Task, output


class Level(Enum):
    LOW = 1
    HIGH = 2


class Inner(BaseModel):
    depth: int = 1
    names: list[str] = []


class Settings(BaseModel):
    inner: Inner = Inner()
    rate: float = 0.1


@dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0


class Typed(Task):
    number: int = 1
    rate: float = 0.5
    zero: float = 0.0
    nothing: float = math.nan
    flag: bool = False
    text: str = "1"
    free: int | float | bool | str = 1
    names: list[str] = ["a", "b"]
    table: dict[str, int] = {"x": 1, "y": 2}
    choice: frozenset[str] = frozenset({"p", "q"})
    level: Level = Level.LOW
    place: Path = Path("somewhere")
    day: date = date(2024, 5, 1)
    nested: Settings = Settings()
    point: Point = Point(1.0)
    maybe: int | None = None
    verbose = luigi.IntParameter(default=0, significant=False)
    result = output("typed.json")

    def run(self):
        plain = {name: repr(getattr(self, name)) for name in SHOWN}
        self.result.save(plain | {"choice": sorted(self.choice), "table": sorted(self.table.items()).__repr__()})


SHOWN = ["number", "rate", "zero", "nothing", "flag", "text", "free", "names", "level", "place", "day", "nested", "point", "maybe"]
'''

CONFIGURATION = """\
[daicho]
project = "mutations"

[RunConfig]
task = "Everything"

[Prepare]
factor = 2

[Typed]
number = 1
rate = 0.5
zero = 0.0
nothing = nan
text = "1"
free = 1
names = ["a", "b"]
table = { x = 1, y = 2 }
choice = ["p", "q"]
level = 1
place = "somewhere"
day = 2024-05-01
nested = { rate = 0.1, inner = { depth = 1, names = [] } }
point = { x = 1.0, y = 0.0 }

[Dynamic]
target = "pluggable.chosen:pick"
"""

FILES: Mapping[str, str] = {
    "luigi.toml": CONFIGURATION,
    "README.md": "A project.\n",
    "data/numbers.txt": "1\n2\n3\n",
    "data/copy.txt": "1\n2\n3\n",
    "data/more/one.txt": "one",
    "data/more/two.txt": "two",
    "data/names.txt": "pluggable.listed:third\n",
    "data/thing.pickle": "cpickled\nKind\n)R.",
    "data/plain.pickle": "cplain\nPlain\n)R.",
    "templates/report.txt": "{title} {hidden} {language} {model}\n",
    "tasks.py": TASKS,
    "alone.py": (
        '"""Nothing to do with the others."""\n\nfrom daicho import Task, output\n\nfrom alone_helper import aside\n\n\n'
        'class Unrelated(Task):\n    words = output("words.txt")\n\n    def run(self):\n        self.words.save(aside() + (aside.__doc__ or ""))\n'
    ),
    "alone_helper.py": 'def aside():\n    "Said."\n    return "aside"\n\n\ndef other():\n    "Never."\n',
    "bases.py": (
        "from daicho import Task\n\n\nclass Base(Task):\n    shared = 1\n    level = 1\n\n    def prepared(self):\n        return below()\n\n"
        '    def mixed(self):\n        return ["base"]\n\n    def never(self):\n        return 1\n\n\n'
        'class Mixin:\n    def mixed(self):\n        return ["mixin", *super().mixed()]\n\n\n'
        "def below():\n    return 1\n\n\nclass Elsewhere:\n    x = 1\n"
    ),
    "cleaning.py": (
        "from further import scale\n\n\ndef clean(numbers, factor):\n    'Clean.'\n    kept = [scale(n, factor) for n in numbers]\n    return kept\n\n\n"
        "def another():\n    return 1\n"
    ),
    "further.py": "def scale(number, factor, *, width=0):\n    return number * factor + width\n",
    "constants.py": "STEP = 1\nALIASED = 2\nUNREAD = 3\nHIGH = True\nKIND = 1\n",
    "decorated.py": (
        "import functools\n\n\ndef timed(loud):\n    def decorate(function):\n        @functools.wraps(function)\n        def wrapper(self):\n"
        "            self.level = 2 + loud\n            return function(self)\n        return wrapper\n    return decorate\n\n\n"
        "def traced(function):\n    def wrapper(*args):\n        return [function(*args), 0]\n    return wrapper\n"
    ),
    "fallback.py": 'def name():\n    return "fallback"\n',
    "ignored.py": "def vendored():\n    return 1\n",
    ".gitignore": "ignored.py\n",
    "late.py": "def __getattr__(name):\n    return lambda: name + '!'\n",
    "lib/__init__.py": "from .inner import thing as exported\nfrom .inner import unexported\n\nORDER = []\nORDER.append(1)\n",
    "lib/inner.py": "from . import sibling\n\n\ndef thing():\n    return sibling.VALUE\n\n\ndef unexported():\n    return 'unexported'\n",
    "lib/sibling.py": "VALUE = 1\nOTHER = 1\n",
    "lib/maths.py": "def cube(x):\n    return x ** 3\n",
    "lib/stars.py": "__all__ = ['starred']\n\n\ndef starred():\n    return 1\n\n\ndef unstarred():\n    return 1\n",
    "lib/early.py": "TAKEN = 0\n",
    "lib/later.py": "HIDDEN = 1\nTAKEN = 1\n",
    "attributes.py": "RATE = 1\n",
    "lib/hidden.py": "SECRET = 'hidden'\n",
    "lib/log.py": "LINES = []\n\n\ndef say(text):\n    LINES.append(text)\n",
    "shared/real.py": "def through_link():\n    return 1\n",
    "local_one.py": "def first():\n    return 1\n",
    "local_two.py": "def second():\n    return 2\n\n\ndef third():\n    return 3\n",
    "models.py": (
        "from contextlib import contextmanager\nfrom dataclasses import dataclass, field\nfrom enum import Enum\nfrom typing import NamedTuple\n\n\n"
        "class Colour(Enum):\n    RED = 1\n\n\ndef default_names():\n    return ['n']\n\n\n"
        "@dataclass\nclass Config:\n    depth: int = 3\n    names: list = field(default_factory=default_names)\n\n\n"
        "class Meta(type):\n    level = 1\n\n\nclass Made(metaclass=Meta):\n    pass\n\n\n"
        "class Shape:\n    def __init__(self, side):\n        self.side = side\n\n    @property\n    def area(self):\n        return self.side * 2\n\n"
        "    @classmethod\n    def unused(cls):\n        return cls(1)\n\n\n"
        "class Box:\n    class Inner:\n        size = 1\n\n\nclass Row(NamedTuple):\n    a: int\n    b: int = 4\n\n\n"
        "@contextmanager\ndef managed():\n    yield 'inside'\n\n\ndef manager():\n    with managed() as found:\n        return found\n"
    ),
    "named.py": "def answer():\n    return 42\n",
    "plugins.py": "from plugged import from_elsewhere\n\n\ndef plug():\n    return from_elsewhere() + 1\n\n\ndef rest():\n    return 0\n",
    "plugged.py": "def from_elsewhere():\n    return 1\n\n\ndef stays():\n    return 1\n",
    "ring_one.py": "import ring_two\n\n\ndef even(n):\n    return n == 0 or ring_two.odd(n - 1)\n",
    "ring_two.py": "import ring_one\n\n\ndef odd(n):\n    return n != 0 and ring_one.even(n - 1)\n",
    "space/inner.py": "def spaced():\n    return 1\n",
    "src/underneath.py": "def below_src():\n    return 1\n",
    "typed.py": TYPED,
    "dynamic.py": DYNAMIC,
    "wiring.py": (
        "import importlib\nimport pkgutil\nimport sys\nfrom pathlib import Path\n\nimport classes\nimport computed\nimport loaded\nimport patching\nimport ready\nimport shelf.handed\nimport shelf.inner\n"
        "import shelf.names\nimport shelf.other\n\n\ndef load():\n"
        "    folder = Path(__file__).parent / 'registered'\n    for found in pkgutil.iter_modules([str(folder)]):\n"
        "        importlib.import_module('registered.' + found.name)\n    importlib.import_module('-'.join(['dispatched']))\n\n\n"
        "def thing():\n    return sys.modules['dispatched'].Thing()\n"
    ),
    "registry.py": (
        "HANDLERS = {}\nFACTORIES = {}\nCLASSES = {}\nSTEPS = []\n\n\ndef collect(kind):\n    CLASSES[kind.__name__] = kind\n    return kind\n\n\n"
        "def step(function):\n    STEPS.append(function)\n    return function\n\n\nclass Early:\n    level = 0\n\n\ndef register(name):\n    def put(function):\n        HANDLERS[name] = function\n        return function\n"
        "    return put\n\n\nclass Plugin:\n    def label(self):\n        return 'plugin'\n\n\n"
        "class Marker:\n    pass\n\n\nclass Factory:\n    def __init_subclass__(cls):\n        FACTORIES[cls.__name__] = cls\n"
    ),
    "registered/__init__.py": "",
    "registered/first.py": (
        "from registry import register\n\nSIZE = 1\n\n\n@register('first')\ndef first():\n    # counts\n    return second_step() + SIZE\n\n\n"
        "def second_step():\n    return 1\n\n\n@register('lambda')\ndef made():\n    return sorted([3, 1], key=lambda n: -n)\n\n\n"
        "def nobody():\n    return 1\n"
    ),
    "registered/last.py": "from registry import register\n\n\n@register('last')\ndef last():\n    return 1\n",
    "registered/kinds.py": (
        "from registry import Factory, Marker, Plugin\n\n\nclass One(Plugin):\n    text = 'one'\n\n    def label(self):\n        return self.text\n\n\n"
        "class Maker(Factory):\n    def make(self):\n        return 'made'\n\n\nclass Two(Marker):\n    size = 2\n"
    ),
    "dispatching.py": "import functools\n\nNOTE = 'note'\n\n\n@functools.singledispatch\ndef describe(value):\n    return 'any'\n",
    "dispatched.py": (
        "from dispatching import describe\n\n\nclass Thing:\n    pass\n\n\n@describe.register\ndef _(value: Thing):\n    return 'a thing'\n"
    ),
    "patched.py": (
        "VALUE_HOLDER = {'value': 0}\nOTHER = 'other'\n\n\nclass Holder:\n    level = 0\n\n    def method(self):\n        return 0\n\n\ndef greet():\n    return _greeting()\n\n\n"
        "def _greeting():\n    return 'hello'\n"
    ),
    "patching.py": (
        "import patched\n\npatched.VALUE_HOLDER['value'] = 1\npatched.Holder.level = 2\n\n\ndef replaced(self):\n    return 3\n\n\n"
        "def greeting():\n    return 'good day'\n\n\npatched.Holder.method = replaced\npatched._greeting = greeting\n"
    ),
    "pluggable/__init__.py": "",
    "pluggable/chosen.py": "BASE = 10\n\n\ndef pick():\n    return BASE + 1\n\n\ndef pick_other():\n    return 5\n",
    "pluggable/listed.py": "def third():\n    return 3\n",
    "pickled.py": "class Kind:\n    size = 1\n\n    def value(self):\n        return self.size\n",
    "plain.py": "class Plain:\n    weight = 1\n",
    "presets/__init__.py": "",
    "presets/small.py": "RATE = 0.1\n",
    "loaded.py": "RATE = 1\nUNREAD = 1\n",
    "computed.py": "RATE = 1\nUNREAD = 1\nif UNREAD > 1:\n    LESS = 1\n",
    "shelf/__init__.py": "",
    "shelf/inner.py": "RATE = 1\n",
    "shelf/other.py": "RATE = 1\n",
    "shelf/names.py": "ONE = 1\nTWO = 2\nquiet = 1\n",
    "shelf/handed.py": "from shelf.origin import VALUE as GIVEN\n",
    "shelf/origin.py": "VALUE = 1\nBESIDE = 1\n",
    "classes.py": (
        "from dataclasses import dataclass\n\nimport registry\n\n\n@registry.collect\nclass Early(registry.Early):\n    size = 1\n    level = 3\n\n\n"
        "@registry.collect\n@dataclass\nclass Settings:\n    size: int = 2\n    depth: int = 4\n\n\nclass Apart:\n    size = 3\n\n\n@registry.collect\nclass Spare:\n    size = 4\n"
    ),
    "ready.py": "RATE = 1\n",
    "formulas.py": "LEVEL = 1\n\n\ndef cube(n):\n    return n ** 3\n\n\ndef never_called():\n    return 0\n",
}

LINKS: Mapping[str, str] = {"linked.py": "shared/real.py"}
"""Symbolic links: where they stand, and what they lead to."""
