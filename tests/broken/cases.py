"""The corpus: what people, editors and bad luck write into a project, each with one thing wrong (or several)."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import dedent

TASKS = """
    from __future__ import annotations

    from datetime import date
    from enum import Enum
    from pathlib import Path
    from typing import Literal

    import luigi
    from pydantic import BaseModel

    from daicho import Secret, Source, Task, output, param, source


    class Colour(Enum):
        RED = "red"
        BLUE = "blue"


    class Model(BaseModel):
        depth: int = 3
        rate: float = 0.1


    class Preprocessor(Task):
        columns: list[str] = ["a"]
        day: date = date(2026, 1, 1)
        raw: Source = source("input.csv")
        train = output("train.csv")

        def run(self):
            raise AssertionError("it must not run")


    class Trainer(Task):
        data: Preprocessor
        seed: int = 0
        rate: float = 0.1
        fast: bool = False
        kind: Literal["ridge", "lasso"] = "ridge"
        colour: Colour = Colour.RED
        model: Model = Model()
        options: dict[str, int] = {}
        where: Path = Path(".")
        password: int = 0
        weights = output("model.json")

        def run(self):
            raise AssertionError("it must not run")


    class Loader(Task):
        token: Secret
        loaded = output("loaded.json")

        def run(self):
            raise AssertionError("it must not run")


    class Spaced(Task):
        task_namespace = "my.ns"
        size: int = 1
        made = output("made.json")

        def run(self):
            raise AssertionError("it must not run")


    class Needy(Task):
        value: int
        made = output("made.json")

        def run(self):
            raise AssertionError("it must not run")


    class Old(Task):
        number = luigi.IntParameter(default=1)
        made = output("made.json")

        def run(self):
            raise AssertionError("it must not run")
"""

RING = """
    from __future__ import annotations

    from daicho import Task, output


    class Egg(Task):
        hen: Hen
        shell = output("shell.json")

        def run(self):
            raise AssertionError("it must not run")


    class Hen(Task):
        egg: Egg
        feather = output("feather.json")

        def run(self):
            raise AssertionError("it must not run")
"""


@dataclass(frozen=True)
class Case:
    """A broken project: its configuration, the command line behind `daicho`, and whatever else it takes."""

    config: str | bytes = ""
    arguments: tuple[str, ...] = ("status", "Trainer")
    files: dict[str, str | bytes] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    tasks: str = TASKS


def _case(config: str | bytes = "", *arguments: str, **more: object) -> Case:
    text = config if isinstance(config, bytes) else dedent(config).lstrip("\n")
    return Case(text, arguments or ("status", "Trainer"), **more)  # type: ignore[arg-type]


SYNTAX = {
    "a text without quotes": _case("[RunConfig]\ntask = Trainer\n"),
    "a header that is open": _case("[RunConfig\ntask = 'Trainer'\n"),
    "a text that is open": _case('[Trainer]\nkind = "ridge\nseed = 1\n'),
    "a list that is open": _case("[Preprocessor]\ncolumns = ['a',\n"),
    "a key twice": _case("[Trainer]\nseed = 1\nseed = 2\n"),
    "a table twice": _case("[Trainer]\nseed = 1\n\n[Trainer]\nrate = 0.2\n"),
    "a key without a value": _case("[Trainer]\nseed =\n"),
    "a key alone": _case("[Trainer]\nseed\n"),
    "a colon for an equals sign": _case("[Trainer]\nseed: 1\n"),
    "two values on a line": _case("[Trainer]\nseed = 1 rate = 2\n"),
    "an inline table that is added to": _case(
        "[Trainer]\nmodel = { depth = 1 }\n[Trainer.model]\nrate = 1.0\n"
    ),
    "a backslash of Windows": _case('[Trainer]\nwhere = "C:\\data\\new"\n'),
    "a number with a comma": _case("[Trainer]\nrate = 0,1\n"),
    "a number that begins with 0": _case("[Trainer]\nseed = 007\n"),
    "a day that there is not": _case("[Preprocessor]\nday = 2026-02-30\n"),
    "True as in Python": _case("[Trainer]\nfast = True\n"),
    "None as in Python": _case("[Trainer]\nkind = None\n"),
    "YAML": _case("Trainer:\n  seed: 1\n"),
    "INI with a comment of its own": _case("; ours\n[Trainer]\nseed = 1\n"),
    "JSON": _case('{"Trainer": {"seed": 1}}\n'),
    "a conflict of git": _case("[Trainer]\n<<<<<<< HEAD\nseed = 1\n=======\nseed = 2\n>>>>>>> theirs\n"),
}

ENCODING = {
    "Latin-1": _case(b"[Trainer]\nkind = '\xe9t\xe9'\n"),
    "UTF-16": _case("[Trainer]\nseed = 1\n".encode("utf-16")),
    "a zero byte": _case(b"[Trainer]\nseed = 1\x00\n"),
    "a control character": _case(b'[Trainer]\nkind = "a\x1b[2Jb"\n'),
    "half of a surrogate pair": _case('[Trainer]\nkind = "\\ud800"\n'),
    "a picture": _case(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
}

HUGE = {
    "lists in lists": _case("[Trainer]\noptions = " + "[" * 20_000 + "\n"),
    "a number of thousands of digits": _case("[Trainer]\nrate = 0.5\nseed = " + "9" * 5_000 + "\n"),
    "a very long text": _case("[Trainer]\nkind = '" + "x" * 100_000 + "'\n"),
    "a very long list": _case("[Trainer]\nseed = [" + "1, " * 10_000 + "]\n"),
    "a very long name": _case("[" + "T" * 5_000 + "]\nseed = 1\n"),
}

NAMES = {
    "a section that is misspelt": _case("[Trianer]\nseed = 1\n"),
    "a key that is misspelt": _case("[Trainer]\nsede = 1\n"),
    "a section in lower case": _case("[trainer]\nseed = 1\n"),
    "a key of ours that is misspelt": _case("[RunConfig]\ntsak = 'Trainer'\n"),
    "a key of ours that is like no other": _case("[daicho]\nzzz = 1\n"),
    "a target that is misspelt, in the file": _case("[RunConfig]\ntask = 'Trianer'\n", "status"),
    "a target that is misspelt, on the command line": _case("", "status", "Trianer"),
    "no target at all": _case("", "status"),
    "a task of a namespace that is misspelt": _case("[my.ns.Spacd]\nsize = 1\n"),
    "a value in a namespace": _case("[my.ns]\nsize = 1\n"),
    "a value outside of any table": _case("seed = 3\n[Trainer]\nrate = 0.1\n"),
    "a value for all that nobody takes": _case("[defaults]\nsede = 3\n"),
    "a parameter that is misspelt, in another configuration": _case("[Trainer.wide]\nseed = 1\nrat = 0.5\n"),
    "a configuration that there is not": _case("[Trainer.wide]\nseed = 1\n", "status", "Trainer.wdie"),
    "a variable that names no parameter": _case("", environment={"DAICHO_Trainer__sede": "1"}),
    "an override of a task that there is not": _case("", "status", "Trainer", "Trianer.seed=1"),
    "an override of a parameter that there is not": _case("", "status", "Trainer", "Trainer.sede=1"),
    "an override without a task": _case("", "status", "Trainer", "seed=1"),
    "an override of a part of a value": _case("", "status", "Trainer", "Trainer.options.a=1"),
    "two targets": _case("", "status", "Trainer", "Preprocessor"),
    "a module that there is not": _case('[daicho]\ntasks = ["pipelines"]\n'),
}

TYPES = {
    "a text for a number": _case("[Trainer]\nseed = 'three'\n"),
    "a fraction for a whole number": _case("[Trainer]\nseed = 1.5\n"),
    "a list for a number": _case("[Trainer]\nrate = [0.1, 0.2]\n"),
    "a number for a list": _case("[Preprocessor]\ncolumns = 3\n"),
    "a list with one wrong value": _case("[Preprocessor]\ncolumns = ['a', 1, 'b']\n"),
    "a word that is none of those": _case("[Trainer]\nkind = 'rigde'\n"),
    "a member that there is not": _case("[Trainer]\ncolour = 'green'\n"),
    "a wrong value in a model": _case("[Trainer.model]\ndepth = 'deep'\nrate = 'fast'\n"),
    "a wrong value in a dictionary": _case("[Trainer]\noptions = { a = 1, b = 'two' }\n"),
    "a day that is none": _case("[Preprocessor]\nday = 'yesterday'\n"),
    "a value for a flag": _case("[Trainer]\nfast = 'perhaps'\n"),
    "a number for a dependency": _case("[Trainer]\ndata = 3\n"),
    "a dependency that there is not": _case("[Trainer]\ndata = 'Preprocesor'\n"),
    "a dependency of another kind": _case("[Trainer]\ndata = 'Old'\n"),
    "a wrong value for all": _case("[defaults]\nseed = 'three'\n"),
    "a wrong value of a variable": _case("", environment={"DAICHO_Trainer__seed": "three"}),
    "a wrong value on the command line": _case("", "status", "Trainer", "Trainer.seed=three"),
    "a wrong value for Luigi's own parameter": _case("[Old]\nnumber = 'three'\n", "status", "Old"),
    "a wrong value of ours": _case("[RunConfig]\ntask = 3\n"),
    "a table of ours that is none": _case("RunConfig = 'Trainer'\n"),
    "a policy that there is not": _case('[daicho]\nenvironment = "package"\n'),
    "a value that is missing": _case("", "status", "Needy"),
    "a password that is none": _case("[Trainer]\npassword = 'hunter2'\n"),
    "a secret in a file": _case("[Loader]\ntoken = 'hunter2'\n", "status", "Loader"),
    "a secret that is missing": _case("", "status", "Loader"),
    "many things at once": _case(
        """
        [RunConfig]
        tsak = "Trainer"

        [Trainer]
        seed = "three"
        rat = 0.1

        [Trianer]
        seed = 1

        [Preprocessor]
        columns = [1]
        """,
        "status",
        "Trainer",
        "Trainer.fast=perhaps",
    ),
}

FILES = {
    "a file that is not there": _case("", "status", "Trainer", "-c", "experiments/wide.toml"),
    "a file that extends what is not there": _case('[daicho]\nextends = "base.toml"\n'),
    "files that extend each other": _case(
        '[daicho]\nextends = "base.toml"\n', files={"base.toml": '[daicho]\nextends = "luigi.toml"\n'}
    ),
    "a file that extends itself": _case('[daicho]\nextends = "./luigi.toml"\n'),
    "a number for a file": _case("[daicho]\nextends = 3\n"),
    "a mistake in a file that is extended": _case(
        '[daicho]\nextends = "conf/base.toml"\n', files={"conf/base.toml": "[Trainer]\n\nsede = 1\n"}
    ),
    "a folder for a file": _case('[daicho]\nextends = "conf"\n', files={"conf/x": ""}),
    "a path out of the project": _case('[daicho]\nextends = "../../../../../../etc/nothing.toml"\n'),
    "a line of .env that is none": _case("", files={".env": "A=1\n\n= three\n"}),
    "a .env that is not UTF-8": _case("", files={".env": b"A=1\nB='\xff'\n"}),
    "a file of Luigi's that is not there": _case("", files={".env": "LUIGI_CONFIG_PATH=conf/luigi.toml\n"}),
    "a source that is not there": _case("[Preprocessor]\nraw = '../elsewhere/input.csv'\n"),
}

HOSTILE = {
    "escapes in a name": _case('["\\u001b[2J\\u001b]0;title\\u0007"]\nseed = 1\n'),
    "escapes in a key": _case('[Trainer]\n"\\u001b[31mseed" = 1\n'),
    "escapes in a value": _case('[Trainer]\nseed = "\\u001b[2J\\u0008\\u009b31m"\n'),
    "line ends in a value": _case('[Trainer]\nseed = "1\\nerror: all is lost\\rdone"\n'),
    "markup in a value": _case("[Trainer]\nseed = '[bold red]x[/] <b>&amp;</b> `'\n"),
    "text from right to left": _case('[Trainer]\nseed = "\\u202e321"\n'),
    "escapes on the command line": _case("", "status", "Trainer", "Trainer.seed=\x1b[2J3"),
    "escapes in a target": _case("", "status", "\x1b[2JTrainer"),
    "escapes in a path": _case("", "status", "Trainer", "-c", "\x1b[2J.toml"),
    "a template": _case("[Trainer]\nseed = '{seed} %s ${HOME}'\n"),
    "a zero byte in a path": _case('[daicho]\nextends = "a\\u0000b.toml"\n'),
}

CODE = {
    "a ring of tasks": _case("", "status", "Egg", tasks=RING),
    "a module with a mistake in its syntax": _case("", tasks="def x(:\n    pass\n"),
    "a module that raises": _case("", tasks="import nothing_of_that_name\n"),
    "no module of tasks": _case("", tasks=""),
}

CASES = {**SYNTAX, **ENCODING, **HUGE, **NAMES, **TYPES, **FILES, **HOSTILE, **CODE}
