"""The table of one file: its top-level statements, what each binds, its digest, and what it refers to.

The unit is the top-level statement: what is finer (a method) cannot be told apart by who uses it, what is
coarser (a file) makes everything run again. Classes are also kept member by member, because of a task class
that is only a dependency nothing but the attribute that was asked for counts.

A table follows from the file's bytes alone, so it can be remembered by their digest.
"""

from __future__ import annotations

import ast
import json
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from daicho.fingerprint.code._references import chain, import_target, live_branch, references
from daicho.fingerprint.code._scopes import References
from daicho.fingerprint.code._serialise import Digests, digest, docstring, is_idle, of_bytes, of_node

LAYOUT: Final = f"4/{sys.version_info[0]}.{sys.version_info[1]}"
"""What remembered tables depend on beside the bytes: their shape, and the Python that parsed them."""

SCHEDULING: Final = frozenset(
    {"priority", "resources", "retries", "retry_on", "retry_wait", "timeout", "worker_timeout"}
)
"""What a task class says of when and how often it runs: no code of it, unless its methods read it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Part(NamedTuple):
    """A statement: where it stands, its digests, what it refers to."""

    line: int
    code: str
    docs: str
    refs: list[str]
    soft: list[str]
    own: list[str]
    notes: list[tuple[int, str]]
    reads_docs: bool
    declared: bool  # a parameter, a dependency, a source or an output of a task class


class Unit(NamedTuple):
    """A top-level statement; a class has its members (their references are not repeated in `part`) and bases.

    `lean` is the digest of a class without what it says of its scheduling, empty where it says nothing of it.
    """

    part: Part
    is_import: bool
    bases: list[str]
    members: dict[str, list[Part]] | None
    lean: str = ""


@dataclass
class Table:
    """What a file defines.

    Attributes:
        units: Its statements; those of a remembered table as text: see `unit`.
        names: The statements that bind each name, by their number; `*` for star imports.
        imports: What a name is imported from, where it is.
        stars: What is imported as a whole.
        effects: The statements that do something when the module is imported.
        hooks: Definitions decorated with an attribute of a name (`@table.register`), by that name.
        opaque: The digest of the whole file, where it cannot be taken apart.
        loads: What is imported when the module is, as references to modules or to names in them.
        decorated: The digest of the decorators of each definition that has some, but for common ones.
        lists_subclasses: Whether some of it asks a class for those that derive from it.
    """

    units: list[Any] = field(default_factory=list)
    names: dict[str, list[int]] = field(default_factory=dict)
    imports: dict[str, list[str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    effects: list[int] = field(default_factory=list)
    hooks: dict[str, list[str]] = field(default_factory=dict)
    opaque: str = ""
    loads: list[str] = field(default_factory=list)
    decorated: dict[str, str] = field(default_factory=dict)
    lists_subclasses: bool = False

    def units_of(self, name: str) -> list[Unit]:
        """The statements that bind a name."""
        return [self.unit(number) for number in self.names.get(name, ())]

    def unit(self, number: int) -> Unit:
        """A statement by its number; of a remembered table only those that are asked for are made."""
        unit = self.units[number]
        if not isinstance(unit, Unit):
            unit = self.units[number] = _unit_of(_decode(unit)[0])
        return unit

    def to_json(self) -> str:
        """The table as text."""
        units, *others = vars(self).values()
        return _json([[_json(unit) for unit in units], *others])

    @classmethod
    def from_json(cls, text: str) -> Table:
        """The table that was written as this text.

        Raises:
            ValueError: If it is not the text of a table.
        """
        try:
            return cls(*_decode(text)[0])
        except TypeError as error:
            raise ValueError("not a table") from error


_decode: Final = json.JSONDecoder().raw_decode  # a third of the time of `json.loads` is what stands around it


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _unit_of(raw: list[Any]) -> Unit:
    part, is_import, bases, members, lean = raw
    if members is not None:
        members = {name: [Part(*each) for each in parts] for name, parts in members.items()}
    return Unit(Part(*part), is_import, bases, members, lean)


def table_of(source: bytes) -> Table:
    """Take a file apart; one that is no Python, or nested too deeply for its parser, stays in one piece."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about other people's backslashes
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return Table(opaque=of_bytes(source))
        made = _Making().table(body)
        made.lists_subclasses = b"__subclasses__" in source
        return made


class _Making:
    """A table while it is filled."""

    def __init__(self) -> None:
        self.made = Table()

    def table(self, body: list[ast.stmt]) -> Table:
        text = docstring(ast.Module(body, []))
        if text is not None:  # `docopt(__doc__)`: whoever reads it by name reads this
            self._add(_plain(body[0].lineno, digest("doc", text)), ["__doc__"])
        for statement, guarded in statements(body):
            self._statement(statement, guarded=guarded)
        return self.made

    def _add(self, unit: Unit, names: Iterable[str], *, effect: bool = False) -> None:
        number = len(self.made.units)
        self.made.units.append(unit)
        for name in names:
            self.made.names.setdefault(name, []).append(number)
        if effect:
            self.made.effects.append(number)

    def _statement(self, node: ast.stmt, *, guarded: bool) -> None:
        if not guarded:
            self.made.loads.extend(_loads(node))
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif isinstance(node, ast.ClassDef):
            self._hook(node)
            self._add(_class(node), [node.name])
        else:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._hook(node)
            found = references([node])
            self._imported(found, _star_imports(node))
            unit = Unit(_part(node, of_node(node), found), False, [], None)
            self._add(unit, sorted(found.bound), effect=not guarded and not only_defines(node))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        # A symbol of its own for each name: `from math import floor as f` must not become `ceil` unseen.
        found = references([node])
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            whole = alias.name if isinstance(node, ast.Import) else import_target(node, alias.name)
            unit = _plain(node.lineno, digest("import", whole, alias.asname or ""))
            self._add(unit._replace(is_import=True), [name])
        self._imported(found, _star_imports(node))

    def _imported(self, found: References, stars: Iterable[ast.ImportFrom]) -> None:
        found.imports.pop("*", None)
        for name, targets in found.imports.items():
            self.made.imports.setdefault(name, []).extend(targets)
        self.made.stars.extend(import_target(node, "") for node in stars)

    def _hook(self, node: Function | ast.ClassDef) -> None:
        names = [chain(getattr(decorator, "func", decorator)) for decorator in node.decorator_list]
        for name in names:
            root, _, attribute = name.partition(".")
            if attribute:
                self.made.hooks.setdefault(root, []).append(node.name)
        if any(name.rpartition(".")[2] not in _PLAIN for name in names):
            self.made.decorated[node.name] = digest(*(of_node(each).code for each in node.decorator_list))


_PLAIN: Final = frozenset(
    {
        *(
            "cache",
            "cached_property",
            "contextmanager",
            "dataclass",
            "lru_cache",
            "overload",
            "total_ordering",
            "wraps",
        )
    }
)
"""Decorators that put what they decorate nowhere."""


def statements(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that do something, those under `if TYPE_CHECKING` left out, each with whether it is guarded.

    What stands under `if __name__ == "__main__"` binds names but has no effects: a module must be the same
    code whether it is run or imported.
    """
    for node in body:
        if isinstance(node, ast.If):
            live = live_branch(node)
            if live is not None:
                yield from statements(live)
                continue
            if _is_main_guard(node.test):
                yield from ((inner, True) for inner, _ in statements(node.body))
                yield from statements(node.orelse)
                continue
        if not is_idle(node):
            yield node, False


def _is_main_guard(test: ast.expr) -> bool:
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def _star_imports(node: ast.stmt) -> Iterator[ast.ImportFrom]:
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        yield node
    elif isinstance(node, _COMPOUND):
        for inner in _inner_statements(node):
            yield from _star_imports(inner)


def _loads(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"{alias.name}:" for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (import_target(node, "" if alias.name == "*" else alias.name) for alias in node.names)
    elif isinstance(node, _COMPOUND):
        for inner in _inner_statements(node):
            yield from _loads(inner)


_DEFINING: Final = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPOUND: Final = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match)


def only_defines(node: ast.stmt) -> bool:
    """Whether a statement does no more than bind names, so that it counts only for whoever uses one of them."""
    if isinstance(node, ast.Assign):
        return all(_is_name(target) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return _is_name(node.target)
    if isinstance(node, _COMPOUND):
        return all(only_defines(inner) for inner in _inner_statements(node))
    return isinstance(node, _DEFINING) or type(node).__name__ == "TypeAlias" or is_idle(node)  # Python 3.12


def _inner_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(node, name, ())
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from part.body


def _is_name(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(_is_name(each) for each in target.elts)
    return isinstance(target, ast.Name) or (isinstance(target, ast.Starred) and _is_name(target.value))


def _plain(line: int, code: str) -> Unit:
    return Unit(Part(line, code, "", [], [], [], [], False, False), False, [], None)


def _part(node: ast.stmt, digests: Digests, found: References, *, declared: bool = False) -> Part:
    code, docs = digests
    own = sorted(found.own)
    refs, soft = sorted(found.refs), sorted(found.soft)
    return Part(node.lineno, code, docs, refs, soft, own, found.notes, found.reads_docs, declared)


def _class(node: ast.ClassDef) -> Unit:
    """A class: the digest of its head and of each statement of its body, in order."""
    empty = ast.ClassDef(**{name: getattr(node, name) for name in node._fields} | {"body": []})
    head = of_node(node, without="body")
    members: dict[str, list[Part]] = {}
    parts = [_member(inner, members) for inner in node.body if not is_idle(inner)]
    docs = [head.docs, *(part.docs for part in parts)]
    digests = Digests(
        digest("class", head.code, *(part.code for part in parts)), digest(*docs) if any(docs) else ""
    )
    part = _part(node, digests, references([ast.copy_location(empty, node)]))
    bases = [dotted for base in node.bases if (dotted := chain(_unsubscripted(base)))]
    return Unit(part, False, bases, members, _lean(head.code, parts, members))


def _lean(head: str, parts: list[Part], members: dict[str, list[Part]]) -> str:
    """The digest without the statements that bind what is about scheduling, and nothing else."""
    others = [each for name, found in members.items() if name not in SCHEDULING for each in found]
    kept = [part for part in parts if any(part is other for other in others)]
    read = {reference.partition(".")[0] for part in kept for reference in part.refs}
    if len(kept) == len(parts) or read & SCHEDULING:  # `window = timeout * 2`
        return ""
    return digest("class", head, *(part.code for part in kept))


def _unsubscripted(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _member(node: ast.stmt, members: dict[str, list[Part]]) -> Part:
    found = references([node], of_class=True)
    part = _part(node, of_node(node), found, declared=_is_declaration(node))
    for name in sorted(found.bound) or [""]:
        members.setdefault(name, []).append(part)
    return part


def _is_declaration(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return "ClassVar" not in {
            getattr(inner, "id", getattr(inner, "attr", "")) for inner in ast.walk(node.annotation)
        }
    if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
        return False
    name = chain(node.value.func).rpartition(".")[2]
    return name in {"output", "source"} or name.endswith("Parameter")
