"""What happens when a task class is written: annotations become parameters, and mistakes are named at once."""

from __future__ import annotations

import inspect
import typing
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache, wraps
from itertools import combinations
from typing import Any, ClassVar, Final

import luigi

from daicho.errors import DeclarationError, GraphError
from daicho.runtime import current
from daicho.task import say
from daicho.task.field import Field
from daicho.task.output import Output
from daicho.task.source import Source, SourceField

_LUIGI_NAMES: Final = frozenset(dir(luigi.Task)) | {
    "param_kwargs", "task_id", "set_tracking_url", "set_status_message", "set_progress_percentage",
    "version", "cache", "uses", "ignores", "environment", "configured", "dependencies",
    "retries", "retry_wait", "retry_on", "timeout",
}  # fmt: skip
_NEEDED: Final = frozenset(
    name for name in _LUIGI_NAMES if not name.startswith("__") and callable(getattr(luigi.Task, name, None))
) | {"task_id", "task_family", "task_module", "param_kwargs", "configured", "dependencies"}
"""Names that stay what they are: Luigi's other attributes (`priority`) are settings, and may be parameters of Luigi."""
_OURS: Final = {
    "output": "declare outputs as attributes instead: `train = output(\"train.csv\")`",
    "input": "read dependencies as attributes instead: `self.data.train.load()`",
    "complete": "daicho decides by the ledger; for a task that always runs, set `cache = False`",
}  # fmt: skip


def prepare(name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
    """Turn the annotations of a class body into fields, in place.

    Raises:
        DeclarationError: If an attribute hides one of Luigi's, or a method is overridden that is daicho's.
    """
    annotations = namespace.get("__annotations__", {})
    for attribute, annotation in annotations.items():
        value = namespace.get(attribute, ...)
        if value is ... and _is_output(annotation) and not any(hasattr(base, attribute) for base in bases):
            raise DeclarationError(
                f"`{name}.{attribute}` is an output, but does not say its file",
                hints=(f'write `{attribute}: Output[...] = output("file.csv")`',),
            )
        if _is_plain(annotation) or isinstance(value, Output) or _is_luigi_parameter(value):
            continue
        _refuse_hidden(name, attribute)
        namespace[attribute] = _field(name, attribute, value, annotation)
    for attribute, value in list(namespace.items()):
        if isinstance(value, Output | SourceField):
            _refuse_hidden(name, attribute)
        if isinstance(value, SourceField) and attribute not in annotations:
            raise DeclarationError(
                f"`{name}.{attribute}` is a source without an annotation",
                hints=(f"write `{attribute}: Source = source({value.declared.place!r})`",),
            )
        if attribute in _OURS and callable(value):
            raise DeclarationError(f"`{name}` overrides `{attribute}()`", hints=(_OURS[attribute],))
        if attribute in _NEEDED and not (callable(value) or isinstance(value, property | classmethod)):
            _refuse_hidden(name, attribute)
        if attribute not in annotations and _redefines(bases, attribute, value):
            namespace[attribute] = _inherited(bases, attribute, value)
    if "run" in namespace and callable(namespace["run"]):
        namespace["run"] = _through_runtime(namespace["run"])


def finish(kind: type) -> None:
    """Check a class that was just made.

    Raises:
        DeclarationError: If two outputs share a file, one lies in another, or what the class says can't be meant.
    """
    annotations = vars(kind).get("__annotations__", {})
    for attribute, value in vars(kind).items():
        if isinstance(value, Field) and attribute in annotations:
            value.declare(kind, attribute, annotations[attribute])
    refuse_shared_files(kind.__name__, outputs_of(kind))
    say.check(kind)


def refuse_shared_files(task: str, outputs: Mapping[str, Output[Any]]) -> None:
    """Raise DeclarationError if two outputs of a task are one file, or one lies in the other."""
    names = {role: _same_on_disk(declared.name) for role, declared in outputs.items()}
    for (one, first), (other, second) in combinations(names.items(), 2):
        both = f"`{task}.{one}` and `{task}.{other}`"
        if first == second:
            raise DeclarationError(
                f"{both} are the same file, `{outputs[other].name}`",
                hints=("give each output a name of its own (on some disks upper and lower case are one)",),
            )
        if second.startswith(first + "/") or first.startswith(second + "/"):
            raise DeclarationError(
                f"{both} lie one in the other: `{outputs[one].name}`, `{outputs[other].name}`",
                hints=("give each output a file or folder of its own",),
            )


def _same_on_disk(name: str) -> str:
    """One text for names that some file systems take for the same."""
    return unicodedata.normalize("NFC", name).casefold()


def outputs_of(kind: type) -> dict[str, Output[Any]]:
    """The outputs that a class declares or inherits, by attribute, in order of declaration (bases first)."""
    found = {
        role: value
        for base in reversed(kind.__mro__)
        for role, value in vars(base).items()
        if isinstance(value, Output)
    }
    return {role: value for role, value in found.items() if getattr(kind, role) is value}


def own_fields(kind: type[luigi.Task]) -> Iterator[tuple[str, Field]]:
    """The annotated attributes of a class and its bases; not those that `@requires` has copied onto it."""
    for name, parameter in kind.get_params():
        if isinstance(parameter, Field) and parameter.owner in kind.__mro__:
            yield name, parameter


@cache
def refuse_ring(kind: type[luigi.Task]) -> None:
    """Raise GraphError if a class needs itself: no instance of it could ever be made."""
    trail: list[type[luigi.Task]] = []
    done: set[type[luigi.Task]] = set()

    def visit(current_kind: type[luigi.Task]) -> None:
        if current_kind in done:
            return
        if current_kind in trail:
            ring = [*trail[trail.index(current_kind) :], current_kind]
            raise GraphError(
                "tasks depend on each other in a ring: " + " -> ".join(f"`{each.__name__}`" for each in ring),
                hints=("one of them has to do without another's output",),
            )
        trail.append(current_kind)
        for _, field in own_fields(current_kind):
            if field.kind.dependency is not None and not field.has_default:
                visit(field.kind.dependency)
        done.add(trail.pop())

    visit(kind)


def _field(owner: str, attribute: str, value: Any, annotation: Any) -> Field:
    if isinstance(value, Field):
        return value
    if isinstance(value, Source) or annotation in (Source, "Source", "daicho.Source"):
        raise DeclarationError(
            f"`{owner}.{attribute}` is a source, but does not say where it lies",
            hints=(f'write `{attribute}: Source = source("path/from/the/project")`',),
        )
    return Field() if value is ... else Field(value)


def _is_plain(annotation: Any) -> bool:
    """Annotations that are no parameters: class variables, constants, and Luigi's own parameter classes."""
    if isinstance(annotation, str):
        head = annotation.partition("[")[0].rpartition(".")[2]
        return head in ("ClassVar", "Final", "Output")
    origin = typing.get_origin(annotation)
    if annotation in (ClassVar, Final) or origin in (ClassVar, Final):
        return True
    target = origin or annotation
    return isinstance(target, type) and issubclass(target, luigi.Parameter | Output)


def _is_output(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.partition("[")[0].rpartition(".")[2] == "Output"
    return (typing.get_origin(annotation) or annotation) is Output


def _is_luigi_parameter(value: Any) -> bool:
    return isinstance(value, luigi.Parameter) and not isinstance(value, Field)


def _refuse_hidden(owner: str, attribute: str) -> None:
    if attribute in _LUIGI_NAMES:
        setting = (f"to say it of the task, write `{attribute} = …` without an annotation",)
        raise DeclarationError(
            f"`{owner}.{attribute}` would hide an attribute of that name that every Luigi task has",
            hints=(
                f"choose another name, `{attribute}_` for example",
                *(setting if attribute in say.NAMES else ()),
            ),
        )


def _redefines(bases: tuple[type, ...], attribute: str, value: Any) -> bool:
    if isinstance(value, luigi.Parameter | Output | property) or callable(value):
        return False
    return any(isinstance(inspect.getattr_static(base, attribute, None), Field) for base in bases)


def _inherited(bases: tuple[type, ...], attribute: str, value: Any) -> Field:
    """A bare `seed = 3` in a subclass is a new default of the parameter that it inherits."""
    for base in bases:
        field = inspect.getattr_static(base, attribute, None)
        if isinstance(field, SourceField):
            moved = SourceField(field.check(base.__name__, value, "code"))
            moved.declare(field.owner, attribute, field.annotation)
            return moved
        if isinstance(field, Field):
            changed = Field(value, significant=field.significant, description=field.description)
            changed.declare(field.owner, attribute, field.annotation)
            return changed
    raise AssertionError(attribute)  # only called where `_redefines` has seen one


def _through_runtime(run: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever calls `run()`, the engine or plain Luigi: what runs the task comes first."""

    @wraps(run)
    def through(self: Any) -> Any:
        return current().run(self, lambda: run(self))

    return through
