"""Edits of code, in every position, that change results: what they reach runs, and nothing else."""

from __future__ import annotations

from tests.mutations.edit import TRAIN, Edit, behind_its_back, edit, move, put, swap


def _train(name: str, file: str, old: str, new: str, *names: str, row: int | None = None) -> Edit:
    why = ", ".join(each if " " in each else f"code {each}" for each in names)
    return edit(name, swap(file, old, new), runs=TRAIN, why=why, row=row)


ROWS = [
    _train("body of the task", "tasks.py", "        step = 5", "        step = 6", "tasks:Train", row=10),
    _train("default of a parameter", "tasks.py", "seed: int = 0", "seed: int = 1", "tasks:Train", "parameter seed", row=11),
    _train("helper in the same module", "tasks.py", "x + y + step", "x - y + step", "tasks:helper", row=12),
    edit("helper in another module", swap("cleaning.py", "in numbers]", "in numbers[1:]]"), runs="Prepare Train Report", why="code cleaning:clean", row=13),
    edit("helper of the helper, third module", swap("further.py", "number * factor", "number + factor"), runs="Prepare Train Report", why="code further:scale", row=14),
    edit("keyword-only default of a helper", swap("further.py", "width=0", "width=1"), runs="Prepare Train Report", why="code further:scale", row=15),
    _train("constant in the same module", "tasks.py", "LIMIT = 3", "LIMIT = 4", "tasks:LIMIT", row=16),
    _train("constant read as `module.NAME`", "constants.py", "STEP = 1", "STEP = 2", "constants:STEP", row=17),
    _train("class attribute of a base class", "bases.py", "shared = 1", "shared = 2", "bases:Base", row=18),
    _train("inherited method", "bases.py", "return below()", "return below() + 1", "bases:Base", row=19),
    _train("wrapper inside a decorator", "decorated.py", "self.level = 2", "self.level = 3", "decorated:timed", row=20),
    _train("decorated function", "tasks.py", "x + 100", "x + 101", "tasks:decorated", row=21),
    _train("lambda of a module", "tasks.py", "v * v\nadded", "v + v + v\nadded", "tasks:square", row=22),
    _train("value closed over by a helper", "tasks.py", "outer(4)", "outer(3)", "tasks:closed", row=23),
    _train("target of `import_module` with a literal", "named.py", "42", "43", "named:answer", row=24),
    _train("target of `getattr` with a computed name", "plugins.py", "from_elsewhere() + 1", "from_elsewhere() + 2", "plugins:plug", row=25),
    _train("target of an import inside a function", "local_one.py", "return 1", "return 3", "local_one:first", row=26),
]  # fmt: skip
"""The seventeen edits of the published table that change a result through code."""

POSITIONS = [
    _train("positional default of a helper", "tasks.py", "y: int = 7", "y: int = 8", "tasks:helper"),
    _train("constant: 1 to 1.0", "constants.py", "KIND = 1", "KIND = 1.0", "constants:KIND"),
    _train("constant: 1 to True", "constants.py", "KIND = 1", "KIND = True", "constants:KIND"),
    _train("constant: 1 to -0.0", "constants.py", "KIND = 1", "KIND = -0.0", "constants:KIND"),
    _train("constants bound together", "tasks.py", "FIRST, SECOND = 1, 2", "FIRST, SECOND = 2, 2", "tasks:FIRST"),
    _train("constant bound a second time", "tasks.py", "TABLE = {", "LIMIT = 9\nTABLE = {", "tasks:LIMIT"),
    edit("constant that is added to", swap("tasks.py", "COUNT += 1", "COUNT += 2"), runs="Prepare Train Report", why="code tasks:COUNT, code tasks:<body>", needless="Prepare"),
    edit("table", swap("tasks.py", '"a": 1', '"a": 0'), runs="Prepare Train Report", why="code tasks:TABLE", needless="Prepare"),
    edit("entry that is put into a table", swap("tasks.py", '["b"] = 2', '["b"] = 3'), runs="Prepare Train Report", why="code tasks:<body>", needless="Prepare"),
    _train("table computed at import", "tasks.py", "n * n for", "n + n for", "tasks:SQUARES"),
    _train("constant by another name", "constants.py", "ALIASED = 2", "ALIASED = 1", "constants:ALIASED"),
    _train("module by another name", "lib/maths.py", "x ** 3", "x ** 4", "lib.maths:cube"),
    edit("other module by the same name", swap("tasks.py", "from lib import maths as arithmetic", "import others as arithmetic"), put("others.py", "def cube(x):\n    return x\n"), runs=TRAIN, why="code tasks:arithmetic, code lib.maths:cube, code others:cube"),
    _train("condition that chooses a definition", "constants.py", "HIGH = True", "HIGH = False", "constants:HIGH"),
    _train("definition that a condition chooses", "tasks.py", 'return "high"', 'return "higher"', "tasks:branch"),
    _train("module that is imported instead of another", "fallback.py", '"fallback"', '"second best"', "fallback:name"),
    edit("module that was missing so far", put("no_such_module.py", "def name():\n    return 'there'\n"), runs=TRAIN, why="code no_such_module:name"),
    _train("ring of modules", "ring_two.py", "n != 0 and", "n != 0 or", "ring_two:odd"),
    _train("other end of the ring", "ring_one.py", "n == 0 or", "n == 3 or", "ring_one:even"),
    _train("relative import", "lib/sibling.py", "VALUE = 1", "VALUE = 2", "lib.sibling:VALUE"),
    _train("through a re-export", "lib/inner.py", "return sibling.VALUE", "return -sibling.VALUE", "lib.inner:thing"),
    _train("what is re-exported", "lib/__init__.py", "import unexported", "import unexported as exported", "lib:exported", "lib.inner:unexported"),
    _train("star import", "lib/stars.py", "def starred():\n    return 1", "def starred():\n    return 2", "lib.stars:starred"),
    edit("function that a star hides an import with", swap("lib/stars.py", "['starred']\n\n", "['starred', 'exported']\n\n\ndef exported():\n    return 9\n"), runs="Prepare Train Report", why="code lib.stars:__all__, code lib.stars:exported", needless="Prepare"),
    _train("constant that a later star hides another with", "lib/later.py", "HIDDEN = 1", "HIDDEN = 2", "lib.later:HIDDEN"),
    _train("constant that a later star hides an import with", "lib/later.py", "TAKEN = 1", "TAKEN = 2", "lib.later:TAKEN"),
    _train("entry of `module.__dict__`", "attributes.py", "RATE = 1", "RATE = 2", "attributes:RATE"),
    _train("package without `__init__`", "space/inner.py", "return 1", "return 2", "space.inner:spaced"),
    _train("module below `src`", "src/underneath.py", "return 1", "return 2", "underneath:below_src"),
    _train("module behind a symbolic link", "shared/real.py", "return 1", "return 2", "linked:through_link"),
    _train("module that git ignores", "ignored.py", "return 1", "return 2", "ignored:vendored"),
    _train("renamed import in a function", "local_two.py", "return 2", "return 4", "local_two:second"),
    _train("attribute that a module makes", "late.py", "name + '!'", "name + '?'", "late:__getattr__"),
    _train("what a computed name's module took from elsewhere", "plugged.py", "def from_elsewhere():\n    return 1", "def from_elsewhere():\n    return 2", "plugged:from_elsewhere"),
    _train("nested function", "tasks.py", "v * factor * 7", "v * factor * 8", "tasks:outer"),
    _train("partial", "tasks.py", "partial(helper, 5)", "partial(helper, 6)", "tasks:added"),
    _train("lambda in the body", "tasks.py", "key=lambda text: text)", "key=lambda text: -ord(text))", "tasks:Train"),
    _train("generator", "tasks.py", "yield number * 2", "yield number * 3", "tasks:counting"),
    _train("single dispatch in the module", "tasks.py", 'return "int"', 'return "INT"', "tasks:_"),
    _train("mixin", "bases.py", '["mixin", *', '["mixed in", *', "bases:Mixin"),
    _train("what `super()` finds", "bases.py", '["base"]', '["the base"]', "bases:Base"),
    _train("helper of an inherited method", "bases.py", "def below():\n    return 1", "def below():\n    return 2", "bases:below"),
    _train("order of the bases", "tasks.py", "(Mixin, Base)", "(Base, Mixin)", "tasks:Train"),
    _train("method that hides an inherited one", "tasks.py", "    seed: int = 0\n", "    def prepared(self):\n        return 5\n\n    seed: int = 0\n", "tasks:Train"),
    _train("argument of a decorator", "tasks.py", "timed(loud=False)", "timed(loud=True)", "tasks:Train"),
    _train("decorator taken away", "tasks.py", "    @timed(loud=False)\n", "", "tasks:Train", "tasks:timed", "decorated:timed", "decorated:functools"),
    _train("metaclass", "models.py", "class Meta(type):\n    level = 1", "class Meta(type):\n    level = 2", "models:Meta"),
    _train("member of an enum", "models.py", "RED = 1", "RED = 2", "models:Colour"),
    _train("default of a dataclass", "models.py", "depth: int = 3", "depth: int = 4", "models:Config"),
    _train("default factory of a dataclass", "models.py", "['n']", "['m']", "models:default_names"),
    _train("default of a named tuple", "models.py", "b: int = 4", "b: int = 5", "models:Row"),
    _train("property", "models.py", "self.side * 2", "self.side * 3", "models:Shape"),
    _train("`__init__` of a class", "models.py", "self.side = side", "self.side = side + 1", "models:Shape"),
    _train("class in a class", "models.py", "size = 1", "size = 2", "models:Box"),
    _train("context manager", "models.py", "yield 'inside'", "yield 'within'", "models:managed"),
    _train("format specification", "tasks.py", "{step:>4}", "{step:<4}", "tasks:Train"),
    edit("constant of a dependency's class", swap("tasks.py", "OFFSET = 1", "OFFSET = 2"), runs="Prepare Train Report", why="code tasks:Prepare.OFFSET, code tasks:Prepare", needless="Prepare"),
    edit("static method of a dependency's class", swap("tasks.py", '["x", "y"]', '["x", "z"]'), runs="Prepare Train Report", why="code tasks:Prepare.names, code tasks:Prepare", needless="Prepare"),
    edit("module that becomes a package", move("fallback.py", "fallback/__init__.py"), swap("fallback/__init__.py", '"fallback"', '"package"'), runs=TRAIN, why="code fallback:name"),
    edit("helper that moves to another module", swap("cleaning.py", "from further import scale", "from others import scale"), put("others.py", "def scale(number, factor):\n    return number + factor\n"), runs="Prepare Train Report", why="code cleaning:scale, code further:scale, code others:scale"),
    edit("bytecode that looks fresh", behind_its_back("constants.py", "STEP = 1", "STEP = 2"), runs=TRAIN, why="code constants:STEP"),
    edit("docstring that is read", swap("alone_helper.py", '"Said."', '"Told."'), runs="Unrelated", why="code alone_helper:aside"),
    edit("annotation that pydantic reads", swap("typed.py", "    rate: float = 0.1\n", "    rate: str | float = '0.1'\n"), swap("luigi.toml", "nested = { rate = 0.1,", "nested = { rate = '0.1',"), runs="Typed", why="code typed:Settings, parameter nested"),
]  # fmt: skip

SEMANTIC = [*ROWS, *POSITIONS]
