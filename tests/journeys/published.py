"""A project in the published layout with ten tasks: diamonds, files without suffix, prefixes that are shared, a pin.

Each output holds a digest of its task's name, of the keys of the section that are its own, and of the files that it is
made from; so what changes in one place changes what depends on it, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.project import Project


@dataclass(frozen=True)
class Of:
    """A task: what it requires, and each output with what it is made from (`Task/file`, or `prefix:file`)."""

    requires: tuple[str, ...]
    outputs: Mapping[str, tuple[str, ...]]


TEN: Mapping[str, Of] = {
    "Load": Of((), {"left": ("input:a.csv",), "right": ("input:b.csv", "shared:codes")}),
    "CleanLeft": Of(("Load",), {"clean": ("Load/left",)}),
    "CleanRight": Of(("Load",), {"clean": ("Load/right", "shared:codes")}),
    "Join": Of(("CleanLeft", "CleanRight"), {"joined": ("CleanLeft/clean", "CleanRight/clean")}),
    "Features": Of(("Join",), {"table.csv": ("Join/joined",)}),
    "Split": Of(("Features",), {"train": ("Features/table.csv",), "test": ("Features/table.csv",)}),
    "Fit": Of(("Split",), {"model": ("Split/train",)}),
    "Tune": Of(("Fit", "Split"), {"best": ("Fit/model", "Split/train")}),
    "Score": Of(("Split", "Fit"), {"scores.json": ("Split/test", "Fit/model")}),
    "Report": Of(("Score", "Tune"), {"report/": ("Score/scores.json", "Tune/best", "Join/joined")}),
}
FILES = {"input/a.csv": "a", "input/b.csv": "b", "reference/codes": "codes"}
HELPER = """
    import hashlib
    import os

    def write(path, *parts):
        if path.endswith("/"):
            os.mkdir(path)
            path += "index"
        with open(path, "w") as file:
            file.write(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest())

    def read(path):
        with open(path) as file:
            return file.read()
"""
RUNNER = """
    import os
    import sys

    import luigi
    import mlflow
    from dotenv import load_dotenv

    import tasks.all

    load_dotenv(".env")
    parser = os.environ["LUIGI_CONFIG_PARSER"]
    luigi.configuration.add_config_path(os.environ["LUIGI_CONFIG_PATH"])
    settings = luigi.configuration.get_config(parser).data["RunConfig"]
    mlflow.set_experiment(settings["experiment_name"])
    mlflow.start_run(run_name="by the runner")
    mlflow.log_param("task", settings["task"])
    luigi.run([settings["task"], "--local-scheduler", *sys.argv[1:]])
    mlflow.end_run()
"""
ENVIRONMENT = "PROJECT_ROOT=./\nLUIGI_CONFIG_PATH=luigi.toml\nLUIGI_CONFIG_PARSER=toml\n"


def ten(make: Callable[..., Project]) -> Project:
    """The project, with its own old base class, which has become one line."""
    made = make(
        "",
        configuration(),
        {
            **FILES,
            ".env": ENVIRONMENT,
            "src/runner.py": RUNNER,
            "src/tasks/__init__.py": "",
            "src/tasks/run_task.py": "from daicho import RunTask\n",
            "src/tasks/files.py": HELPER,
            "src/tasks/all.py": _imports() + "\n".join(map(_source, TEN)),
        },
    )
    (made.root / "tasks.py").unlink()  # its tasks are a package below `src`
    return made


def configuration(more: str = "", changed: str | None = None) -> str:
    """Its `luigi.toml`: a section for each task, in one of which a value has changed."""
    sections = (f"[{name}]\nvalue = {1 if name == changed else 0}\nlist = [1, 'a']\n" for name in TEN)
    paths = f'[PathConfig]\ninput = "./input/"\nshared = "./reference"\n{more}'
    return f'[RunConfig]\nexperiment_name = "ten"\ndescription = "ten"\ntask = "Report"\n{paths}\n{"".join(sections)}'


def below(name: str) -> set[str]:
    """A task and all that reads something that comes from it."""
    found = {name}
    for task, of in TEN.items():
        if any(each.split("/")[0] in found for made in of.outputs.values() for each in made):
            found.add(task)
    return found


def outputs_of(root: Path, name: str) -> dict[str, str]:
    """The files of a task that ran in this project, as they lie in its store."""
    for record in sorted(root.glob("mlruns/*/*/artifacts/daicho/record.json")):
        if json.loads(record.read_text())["task"] == name:
            folder = record.parents[1]
            return {file: (folder / file).read_text() for file in TEN[name].outputs}
    raise AssertionError(name)


def _imports() -> str:
    return "from luigi.util import requires\n\nfrom tasks.files import read, write\nfrom tasks.run_task import RunTask\n\n"


def _source(name: str) -> str:
    of = TEN[name]
    inputs = sorted({each for made in of.outputs.values() for each in made})
    decorator = f"@requires({', '.join(of.requires)})\n" if of.requires else ""
    read = "".join(f'            "{each}": f"{_place(each)}",\n' for each in inputs)
    made = "".join(f'            "{file.strip("/")}": f"{_folder(name)}{file}",\n' for file in of.outputs)
    writes = "".join(
        f'        write(self.output_paths_dict["{file.strip("/")}"], "{name}", "{file}", self.config["value"]'
        + "".join(f', read(self.input_paths_dict["{each}"])' for each in parts)
        + ")\n"
        for file, parts in of.outputs.items()
    )
    return (
        f"\n{decorator}class {name}(RunTask):\n"
        "    def build_input_output_path_dicts(self):\n"
        f"        inputs = {{\n{read}        }}\n        outputs = {{\n{made}        }}\n"
        f"        return inputs, outputs\n\n    def run(self):\n{writes}\n"
    )


def _place(each: str) -> str:
    prefix, colon, file = each.partition(":")
    task, _, name = each.partition("/")
    return f"{_folder(prefix)}{file}" if colon else f"{_folder(task)}{name}"


def _folder(name: str) -> str:
    return f"{{self.path_config['{name}']}}"
