"""Edits of all else that a result comes from: data, parameters, environment, outputs, and what the user says."""

from __future__ import annotations

from tests.mutations.edit import TRAIN, Edit, behind_its_back, drop, edit, move, put, rewrite, swap

ALL = "Prepare Train Report"


def _typed(name: str, old: str, new: str, *parameters: str) -> Edit:
    why = ", ".join(f"parameter {each}" for each in parameters)
    return edit(name, swap("luigi.toml", old, new), runs="Typed", why=why)


DATA = [
    edit("content of a source", swap("data/numbers.txt", "3\n", "4\n"), runs=ALL, why="source raw"),
    edit("content of a source, size and time unchanged", behind_its_back("data/numbers.txt", "3\n", "4\n"), runs=ALL, why="source raw"),
    edit("file in a source folder", swap("data/more/one.txt", "one", "uno"), runs=ALL, why="source more"),
    edit("file more in a source folder", put("data/more/three.txt", "three"), runs=ALL, why="source more"),
    edit("file less in a source folder", drop("data/more/two.txt"), runs=ALL, why="source more"),
    edit("name of a file in a source folder", move("data/more/two.txt", "data/more/deux.txt"), runs=ALL, why="source more"),
    edit("empty file in a source folder", put("data/more/nothing.txt", ""), runs=ALL, why="source more"),
    edit("other place with other content", put("data/other.txt", "7\n"), swap("luigi.toml", "factor = 2", 'factor = 2\nraw = "data/other.txt"'), runs=ALL, why="source raw"),
    edit("file that a task uses", swap("templates/report.txt", "{title} ", "{title}: "), runs="Report", why="code templates/report.txt"),
    edit("module that a task uses", swap("lib/hidden.py", "'hidden'", "'shown'"), runs="Report", why="code lib.hidden:SECRET"),
    edit("data that names code", rewrite("data/names.txt", lambda text: text + "pluggable.chosen:pick_other\n"), runs="Dynamic", why="source names"),
]  # fmt: skip

PARAMETERS = [
    edit("parameter in the configuration", swap("luigi.toml", "factor = 2", "factor = 3"), runs=ALL, why="parameter factor"),
    edit("parameter on the command line", overrides=("Train.seed=4",), runs=TRAIN, why="parameter seed"),
    edit("parameter of a dependency that is read", swap("luigi.toml", "factor = 2", 'factor = 2\nnote = "new"'), runs=ALL, why="parameter note, observed data.note", needless="Prepare"),
    edit("parameter that names code", swap("luigi.toml", ":pick", ":pick_other"), runs="Dynamic", why="parameter target"),
    _typed("integer", "number = 1", "number = 2", "number"),
    _typed("float by its last bit", "rate = 0.5\n", "rate = 0.5000000000000001\n", "rate"),
    _typed("0.0 to -0.0", "zero = 0.0", "zero = -0.0", "zero"),
    _typed("not a number to one", "nothing = nan", "nothing = 1.0", "nothing"),
    _typed("truth", "[Typed]", "[Typed]\nflag = true", "flag"),
    _typed("text", 'text = "1"', 'text = "1.0"', "text"),
    _typed("1 to 1.0 where both may be", "free = 1\n", "free = 1.0\n", "free"),
    _typed("1 to true where both may be", "free = 1\n", "free = true\n", "free"),
    _typed('1 to "1" where both may be', "free = 1\n", 'free = "1"\n', "free"),
    _typed("order of a list", '["a", "b"]', '["b", "a"]', "names"),
    _typed("item of a dictionary", "y = 2 }", "y = 3 }", "table"),
    _typed("member of a set", '["p", "q"]', '["p", "r"]', "choice"),
    _typed("member of an enumeration", "level = 1", "level = 2", "level"),
    _typed("path", '"somewhere"', '"elsewhere"', "place"),
    _typed("date", "2024-05-01", "2024-05-02", "day"),
    _typed("field deep in a model", "depth = 1,", "depth = 2,", "nested"),
    _typed("field of a dataclass", "y = 0.0 }", "y = 0.5 }", "point"),
    _typed("nothing to a number", "[Typed]", "[Typed]\nmaybe = 0", "maybe"),
    edit("declared type of a parameter", swap("typed.py", "number: int = 1", "number: float = 1"), runs="Typed", why="code typed:Typed, parameter number"),
]  # fmt: skip

ENVIRONMENT = [
    edit(
        "variable that a task declares",
        env={"REPORT_LANGUAGE": "de"},
        runs="Report",
        why="environment REPORT_LANGUAGE",
    ),
]

OUTPUTS = [
    edit("name of an output", swap("alone.py", '"words.txt"', '"said.txt"'), runs="Unrelated", why="code alone:Unrelated, declaration"),
    edit("attribute of an output", rewrite("tasks.py", lambda text: text.replace("    numbers = output(", "    table = output(").replace("self.numbers.save", "self.table.save").replace("data.numbers.load", "data.table.load")), runs="Prepare Train", why="code tasks:Prepare, code tasks:Train, declaration, upstream data.table", needless="Train"),
    edit("one more output", swap("alone.py", '    words = output("words.txt")', '    words = output("words.txt")\n    more = output("more.txt")'), swap("alone.py", "def run(self):", 'def run(self):\n        self.more.save("")'), runs="Unrelated", why="code alone:Unrelated, declaration"),
    edit("format of an output", swap("tasks.py", 'output("report.txt")', 'output("report.txt", format="json")'), runs="Report", why="code tasks:Report, declaration"),
]  # fmt: skip

ASKED = [
    edit("all asked for by hand", force=True, runs="Prepare Train Report Dynamic Typed Unrelated", why="forced", needless="Prepare Train Report Dynamic Typed Unrelated"),
    edit("task that is never to be reused", swap("alone.py", "    words", "    cache = False\n    words"), runs="Unrelated", why="uncached", needless="Unrelated"),
]  # fmt: skip
"""Runs that somebody asked for."""
