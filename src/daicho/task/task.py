"""The task: a Luigi task whose annotations are its parameters and dependencies, and whose outputs are declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import luigi
from luigi.task_register import Register

from daicho._nearest import nearest
from daicho.digest import encode, of_value, teach
from daicho.errors import ParameterError
from daicho.runtime import current
from daicho.task import declare
from daicho.task.field import MISSING, Field, param
from daicho.task.output import Output
from daicho.task.settings import configured_value, named_values
from daicho.task.source import source

T = TypeVar("T", bound="Task")

EXACT = "_daicho_exact"
"""The instance attribute that tells instances apart also where they differ in what is not significant, at any depth."""

_ID_DIGITS = 24  # 96 bits

# Values of Luigi's own parameters that are no plain values.
teach(luigi.date_interval.DateInterval, str)
teach(Register, lambda kind: kind.get_task_family())


@dataclass_transform(kw_only_default=True, field_specifiers=(param, source))
class TaskMeta(Register):
    """Makes task classes: see `daicho.task.declare`."""

    def __new__(  # noqa: D102  # Python's own
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> TaskMeta:
        if bases != (luigi.Task,):  # Task itself
            declare.prepare(name, bases, namespace)
        made: TaskMeta = super().__new__(cls, name, bases, namespace, **options)
        declare.finish(made)
        return made

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name != "_daicho_params":
            super().__setattr__("_daicho_params", None)  # `@requires` sets parameters on a finished class

    def __call__(cls: type[T], *args: Any, **kwargs: Any) -> T:  # type: ignore[misc]  # typed by the instance
        """One object for one meaning, for as long as the current runtime lives."""
        declare.refuse_ring(cls)
        instances = current().instances
        bare = not args and not kwargs
        found: T | None = instances.get(cls) if bare else None
        if found is not None:
            return found
        values = cls.get_param_values(cls.get_params(), args, kwargs)
        exact = of_value(tuple(_encoded(cls, name, value) for name, value in values))
        found = instances.get((cls, exact))
        if found is None:
            found = type.__call__(cls, **dict(values))
            vars(found)[EXACT] = exact
            instances[cls, exact] = found
        if bare:
            instances[cls] = found  # a runtime's configuration stays: a diamond of classes is built once
        return found


class Task(luigi.Task, metaclass=TaskMeta):
    """A step whose result is an MLflow run, found again by what made it.

    Annotated attributes are parameters (`seed: int = 0`) or dependencies (`data: Preprocessor`); what the caller
    does not give comes from the configuration, then from the class. `source(...)` declares what comes from outside,
    `output(...)` what `run()` saves. Luigi's own parameters, `requires()` and decorators work beside them.

    Attributes:
        version: Added to the code in the key: raise it to make earlier results count no more.
        cache: False for a task that runs each time and whose result is never found.
        uses: What counts as its code though nothing in the code leads to it: functions, classes, modules, names
            like `"package.module:name"`, and files of the project by content (`"sql/query.sql"`).
        ignores: What is left out of its code: `"package.module:name"`, or `"package.module"` with all below it.
        environment: The environment variables whose values are in the key, by digest.
            These three add to those of the bases.
        retries: How often it is run again after a failure. Each attempt is an MLflow run of its own.
        retry_wait: Seconds before the second attempt, doubled before each further one, up to a minute.
        retry_on: The errors after which another attempt may do. The death of its worker counts as a
            `ChildProcessError`, a time-out as a `TimeoutError`; daicho's own errors would come again.
        timeout: Seconds that one attempt may take; then it is interrupted as by Ctrl-C, and killed if it goes on.
            None for Luigi's `worker_timeout`, or no limit. Not enforced inline.
            These four are in no key; as properties they may differ from instance to instance.
    """

    version: ClassVar[str] = ""
    cache: ClassVar[bool] = True
    uses: ClassVar[tuple[object, ...]] = ()
    ignores: ClassVar[tuple[str, ...]] = ()
    environment: ClassVar[tuple[str, ...]] = ()
    retries: ClassVar[int] = 0
    retry_wait: ClassVar[float] = 1.0
    retry_on: ClassVar[tuple[type[BaseException], ...]] = (Exception,)
    timeout: ClassVar[float | None] = None
    _daicho_params: ClassVar[list[tuple[str, luigi.Parameter[Any]]] | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        values = self.get_param_values(self.get_params(), args, kwargs)
        for name, value in values:
            self.__dict__[name] = value
        self.param_kwargs = dict(values)
        family = self.get_task_family()
        significant = {
            name: _identity(value)
            for (name, parameter), (_, value) in zip(self.get_params(), values, strict=True)
            if parameter.significant
        }
        self.task_id = f"{family}_{of_value((family, significant))[:_ID_DIGITS]}"
        self._Task__hash = hash(self.task_id)  # what luigi.Task.__hash__ returns
        self.set_tracking_url = None
        self.set_status_message = None
        self.set_progress_percentage = None

    @classmethod
    def configured(cls, name: str = "", /, **values: Any) -> Self:
        """An instance whose other parameters come from the configuration: the same call, for type checkers.

        Args:
            name: Which of its configurations: `"wide"` for the table `[Trainer.wide]`, laid over `[Trainer]`.
            values: What comes before both.

        Raises:
            ParameterError: If a parameter is unknown, missing, or of the wrong type; or there is no such table.
        """
        return cls(**{**(named_values(cls, name) if name else {}), **values})

    @classmethod
    def get_params(cls) -> list[tuple[str, luigi.Parameter[Any]]]:
        """Luigi's list of parameters, remembered per class."""
        found = vars(cls).get("_daicho_params")
        if found is None:
            found = list(super().get_params())
            type.__setattr__(cls, "_daicho_params", found)
        return found

    @classmethod
    def get_param_values(
        cls,
        params: Iterable[tuple[str, luigi.Parameter[Any]]],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> list[tuple[str, Any]]:
        """The value of each parameter: given, configured, or the class's own.

        Raises:
            ParameterError: If a parameter is unknown, missing, or of the wrong type.
        """
        listed = list(params)
        family = cls.get_task_family()
        given = {**_positional(family, listed, args), **kwargs}
        unknown = given.keys() - {name for name, _ in listed}
        if unknown:
            word = min(unknown)
            raise ParameterError(
                f"`{family}` has no parameter `{word}`",
                hints=nearest(word, (name for name, _ in listed)),
            )
        return [(name, _value(cls, family, name, parameter, given)) for name, parameter in listed]

    def _requires(self) -> list[Any]:
        """All direct dependencies: annotated ones, and those of `requires()`."""
        return [dependency for _, dependency in self.dependencies()]

    def dependencies(self) -> list[tuple[str, luigi.Task]]:
        """All direct dependencies with the way by which this task reaches them: `data`, `parts[0]`, `requires[1]`.

        Raises:
            ParameterError: If `requires()` gives something that is not a task.
        """
        found: list[tuple[str, luigi.Task]] = []
        for name, field in declare.own_fields(type(self)):
            if field.kind.holds_tasks:
                _collect(name, self.__dict__[name], found, strict=False)
        _collect("requires", self.requires(), found, strict=True)
        return found

    def output(self) -> Any:
        """Luigi's view of the declared outputs, by attribute: targets that exist when the task's result does."""
        return self._daicho_targets()

    def complete(self) -> bool:
        """Whether a result of this very task exists: its code, parameters, sources and inputs."""
        return current().complete(self)

    def _daicho_outputs(self) -> Mapping[str, Output[Any]]:
        """The declarations of this instance's outputs, by name."""
        return declare.outputs_of(type(self))

    def _daicho_targets(self) -> Any:
        return {role: OutputTarget(declared) for role, declared in bound_outputs(self).items()}

    def __repr__(self) -> str:
        return str(self.task_id)  # flat: a task may be another one's parameter

    def __canonical__(self) -> object:
        return self.task_id


class OutputTarget(luigi.LocalTarget):
    """A declared output, for code that talks to Luigi's targets."""

    def __init__(self, declared: Output[Any]) -> None:
        super().__init__(path=declared.name)
        self._declared = declared

    @property
    def path(self) -> str:
        """Where the file lies now."""
        return str(self._declared.path)

    @path.setter
    def path(self, _: str | Path) -> None:
        """Luigi's constructor sets one; ours is asked for when it is needed."""

    def exists(self) -> bool:
        """Whether the task's result exists."""
        return bool(self._declared.task.complete())


def declared_outputs(task: luigi.Task) -> Mapping[str, Output[Any]]:
    """The declarations of a task's outputs, by name; none for tasks of plain Luigi."""
    return task._daicho_outputs() if isinstance(task, Task) else {}


def bound_outputs(task: luigi.Task) -> dict[str, Output[Any]]:
    """The outputs of a task instance, by name."""
    return {role: each.__get__(task, type(task)) for role, each in declared_outputs(task).items()}


def _encoded(cls: type[luigi.Task], name: str, value: Any) -> bytes:
    try:
        return encode(_identity(value, EXACT))
    except ParameterError as error:
        raise ParameterError(
            f"`{cls.get_task_family()}.{name}`: {error.message}", hints=error.hints
        ) from None


def _identity(value: Any, name: str = "") -> Any:
    """A value as it stands in identities: a task (also plain Luigi's) by its id and what an attribute of it says."""
    if isinstance(value, luigi.Task):
        return ("task", value.task_id, vars(value).get(name))
    if isinstance(value, list | tuple):
        items = [_identity(item, name) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, Mapping):
        return {key: _identity(item, name) for key, item in value.items()}
    return value


def _positional(
    family: str, params: list[tuple[str, luigi.Parameter[Any]]], args: tuple[Any, ...]
) -> dict[str, Any]:
    names = [name for name, parameter in params if parameter.positional]
    if len(args) > len(names):
        raise ParameterError(
            f"`{family}` takes {len(names)} positional arguments, not {len(args)}",
            hints=("name the parameters: Task(parameter=value)",),
        )
    return dict(zip(names, args, strict=False))


def _value(
    cls: type[Task], family: str, name: str, parameter: luigi.Parameter[Any], given: Mapping[str, Any]
) -> Any:
    if name in given:
        if isinstance(parameter, Field):
            return parameter.check(family, given[name], "code")
        return _tuples(parameter.normalize(given[name]))
    configured = configured_value(cls, family, name, parameter)
    if configured is not MISSING:
        return configured
    if isinstance(parameter, Field):
        if parameter.has_default:
            return parameter.default
        dependency = parameter.kind.dependency
        if dependency is not None:
            kind: Any = dependency
            return kind.configured(parameter.named) if parameter.named else kind()
    elif parameter.has_task_value(family, name):
        return _tuples(parameter.task_value(family, name))
    file = f"set it in luigi.toml: [{family}] {name} = …"
    raise ParameterError(
        f"`{family}.{name}` has no value",
        hints=(
            parameter.where_to_set(family) if isinstance(parameter, Field) else file,
            f"or on the command line: {family}.{name}=…",
        ),
    )


def _tuples(value: Any) -> Any:
    """Luigi's own parameters give tuples for lists and sets, and their users rely on it."""
    return tuple(value) if isinstance(value, list | set) else value


def _collect(role: str, value: Any, found: list[tuple[str, luigi.Task]], *, strict: bool) -> None:
    if isinstance(value, luigi.Task):
        found.append((role, value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _collect(f"{role}[{key!r}]", item, found, strict=strict)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for place, item in enumerate(value):
            _collect(f"{role}[{place}]", item, found, strict=strict)
    elif strict and value is not None:
        raise ParameterError(f"`{role}()` gives {value!r}, which is not a task")
