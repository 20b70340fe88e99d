"""The published base class: a task whose files are named by two dictionaries, and whose parameters are its section."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import luigi

from daicho._nearest import nearest
from daicho.errors import DeclarationError, NotFoundError
from daicho.runtime import Runtime, Setting, current
from daicho.task.annotation import NOTHING, toml_literal
from daicho.task.field import WATCH, Field
from daicho.task.layout import Layout, absolute, pending, read_layout
from daicho.task.output import RUNTIME, Output
from daicho.task.paths import PathConfig
from daicho.task.source import Source
from daicho.task.task import OutputTarget, Task, bound_outputs

CONFIG = "config"
"""The name under which it is kept that another task has read the section of this one."""

_LAYOUT = "_daicho_layout"
_PROBING = "_daicho_probing"
_PATHS = "_daicho_paths"


class RunTask(Task):
    """A task in the published layout: its files are named by paths, its parameters stand in its section of luigi.toml.

        @requires(Preprocessor)
        class Trainer(RunTask):
            def build_input_output_path_dicts(self):
                inputs = {"train": f"{self.path_config['Preprocessor']}train.csv"}
                return inputs, {"model": f"{self.path_config['Trainer']}model"}

            def run(self):
                train = pd.read_csv(self.input_paths_dict["train"])
                ...

    Other tasks read its outputs by their names: `self.trainer.model.path`.
    """

    free_section: ClassVar[bool] = True

    def build_input_output_path_dicts(self) -> tuple[dict[str, str], dict[str, str]]:
        """The paths of inputs and outputs by name: every task in this layout says them.

        It is called when the plan is made, with folders that stand for tasks, and again just before `run()`.
        """
        raise DeclarationError(
            f"`{type(self).__name__}` does not say its files",
            hints=("write `def build_input_output_path_dicts(self)` that returns inputs and outputs",),
        )

    @property
    def config(self) -> dict[str, Any]:
        """The task's section of the configuration, as it stands there. The whole of it is in the task's key."""
        kept = vars(self)
        if CONFIG not in kept:
            kept[CONFIG] = copy.deepcopy(whole_section(self))
        watch = kept.get(WATCH)
        if watch is not None:
            watch(self, CONFIG)
        found: dict[str, Any] = kept[CONFIG]
        return found

    @property
    def path_config(self) -> Mapping[str, str]:
        """Folders by name: those of `[PathConfig]`, and those of this task and of the tasks that it depends on."""
        runtime = _runtime(self)
        return PathConfig(runtime.paths, runtime.root, self._daicho_folder)

    @property
    def input_paths_dict(self) -> dict[str, str]:
        """The paths of the inputs by name: real ones while the task runs."""
        return self._daicho_paths_now()[0]

    @property
    def output_paths_dict(self) -> dict[str, str]:
        """The paths of the outputs by name: real ones while the task runs, and where its result lies afterwards."""
        return self._daicho_paths_now()[1]

    def __getattr__(self, name: str) -> Output[Any]:
        if name.startswith("_"):
            raise AttributeError(f"`{type(self).__name__}` has no attribute `{name}`")
        outputs = layout_of(self).outputs
        if name not in outputs:
            hint = "; ".join(nearest(name, outputs)) or "it has no outputs"
            raise AttributeError(f"`{type(self).__name__}` has no attribute and no output `{name}`: {hint}")
        return outputs[name].__get__(self, type(self))

    def _daicho_outputs(self) -> Mapping[str, Output[Any]]:
        return {**super()._daicho_outputs(), **layout_of(self).outputs}

    def _daicho_targets(self) -> list[luigi.Target]:
        return [OutputTarget(declared) for declared in bound_outputs(self).values()]

    def _daicho_folder(self, name: str) -> Path:
        """The folder of a task, by its name: the one that stands for it, where nobody knows better."""
        runtime = _runtime(self)
        found = None if _PROBING in vars(self) else runtime.folder(self, name)
        return found if found is not None else pending(runtime.root, name)

    def _daicho_paths_now(self) -> tuple[dict[str, str], dict[str, str]]:
        """Both dictionaries, made once for each place that the task's files are at."""
        runtime = _runtime(self)
        own = runtime.folder(self, type(self).__name__)
        known = vars(self).get(_PATHS)
        if known is None or known[0] != own or own is None:
            inputs, outputs = _absolute(self.build_input_output_path_dicts(), runtime.root)
            if own is None:
                outputs = {name: _published(self, name, path) for name, path in outputs.items()}
            known = vars(self)[_PATHS] = (own, inputs, outputs)
        return known[1], known[2]


def layout_of(task: RunTask) -> Layout:
    """The files of a task, as it says them before anything has run. It is asked once.

    Raises:
        DeclarationError: If it does not say them, or what it says can't be.
        SourceError: If an input lies where daicho cannot see it.
    """
    kept = vars(task)
    if _LAYOUT not in kept:
        build = type(task).build_input_output_path_dicts
        if build is RunTask.build_input_output_path_dicts and type(task).run is luigi.Task.run:
            kept[_LAYOUT] = Layout({}, {}, ())  # it stands for others
        else:
            kept[_LAYOUT] = read_layout(str(task.task_family), _asked(task), _runtime(task).root)
    found: Layout = kept[_LAYOUT]
    return found


def _asked(task: RunTask) -> object:
    """What its own code says, with folders that stand for tasks."""
    kept = vars(task)
    kept[_PROBING] = True
    try:
        return task.build_input_output_path_dicts()
    finally:
        del kept[_PROBING]


def section_of(task: object) -> Iterator[tuple[str, Any]]:
    """What of its section counts for a task beside its parameters, by name; nothing for other tasks."""
    if isinstance(task, RunTask):
        parameters = {name for name, _ in task.get_params()}
        for name, value in whole_section(task).items():
            yield (f"{CONFIG}.{name}" if name in parameters else name), value


def is_copy(task: object, parameter: luigi.Parameter[Any]) -> bool:
    """Whether `@requires` has copied a parameter onto a task in this layout: it is in the key only if it is read."""
    own = not isinstance(parameter, Field) or parameter.owner in type(task).__mro__
    return isinstance(task, RunTask) and not own


def path_sources(task: object) -> Iterator[tuple[str, Source]]:
    """The sources that a task names by their paths; nothing for other tasks."""
    if isinstance(task, RunTask):
        yield from layout_of(task).sources.items()


def whole_section(task: RunTask) -> dict[str, Any]:
    """Its section of the configuration."""
    section = _runtime(task).section(str(task.task_family), loosely=True)
    return {name: _value(setting) for name, setting in section.items()}


def _value(setting: Setting) -> Any:
    """A configured value; text of the command line is a TOML value, or else just that text."""
    if setting.origin != "text" or not isinstance(setting.value, str):
        return setting.value
    literal = toml_literal(setting.value)
    return setting.value if literal is NOTHING else literal


def _runtime(task: RunTask) -> Runtime:
    own: Runtime | None = vars(task).get(RUNTIME)
    return own if own is not None else current()


def _absolute(given: Any, root: Path) -> tuple[dict[str, str], dict[str, str]]:
    inputs, outputs = given
    return (
        {name: absolute(path, root) for name, path in inputs.items()},
        {name: absolute(path, root) for name, path in outputs.items()},
    )


def _published(task: RunTask, name: str, path: str) -> str:
    """Where an output lies when its task does not run; the path that stands for it, if there is none yet."""
    try:
        return str(layout_of(task).outputs[name].__get__(task, type(task)).path)
    except NotFoundError:
        return path
