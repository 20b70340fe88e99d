"""What a piece of code refers to outside itself: names of its module, imports inside functions, what is hidden.

Python's scopes are followed, so that a local variable is not taken for a function of the same name; where that
would be hard (names of a class body), a name counts as global too: a needless rerun is better than a stale result.

A reference is a text:

    clean.columns       the name `clean` of this module, then its attribute
    pkg.mod:clean       what `from pkg.mod import clean` gives; dots in front for a relative import
    pkg.mod:            the module itself
    pkg.mod!            the import of a module, for its effects
    *                   anything of this module
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

from daicho.fingerprint.code._scopes import HARD, NOTE, SOFT, References, Scope, resolve

_UNKNOWN_IMPORT: Final = "imports a module by a name that is only known at run time"
_UNKNOWN_CODE: Final = "runs code that is only known at run time"
_SYS_MODULES: Final = "looks a module up in `sys.modules`"
_UNKNOWN_GLOBALS: Final = "looks into the globals of code that is only known at run time"
_IMPORTERS: Final = frozenset({"import_module", "__import__", "run_module"})
_EVALUATORS: Final = frozenset({"eval", "exec", "run_path"})
_DEPENDENCY_DECORATORS: Final = frozenset({"requires", "inherits", "copies"})
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def references(nodes: Iterable[ast.AST], *, of_class: bool = False) -> References:
    """Collect the references of statements or expressions at the top of a module, or of a class there."""
    top = Scope("module")
    where = Scope("class", top) if of_class else top
    walk = _Walk(where)
    for node in nodes:
        walk.push(node, where, HARD)
    walk.run()
    found = walk.found
    resolve(walk.scopes, found)
    found.soft -= found.refs
    found.bound, found.imports = where.bound, where.imports
    return found


def import_target(node: ast.ImportFrom, name: str) -> str:
    """The reference for one name of a `from` import."""
    return f"{'.' * node.level}{node.module or ''}:{name}"


def only_for_types(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING`."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def live_branch(node: ast.If) -> list[ast.stmt] | None:
    """The statements that can run where a condition is about type checking, None for other conditions."""
    if only_for_types(node.test):
        return node.orelse
    if isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not):
        return node.body if only_for_types(node.test.operand) else None
    return None


def _last(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def chain(node: ast.AST) -> str:
    """The dotted name that an expression is, or nothing."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


class _Walk:
    """One pass over the nodes, with a stack in place of recursion."""

    def __init__(self, scope: Scope) -> None:
        self.found = References()
        self.scopes = [scope]
        self.stack: list[tuple[ast.AST, Scope, int]] = []

    def push(self, node: ast.AST | None, scope: Scope, mode: int) -> None:
        if node is not None:
            self.stack.append((node, scope, mode))

    def push_all(self, nodes: Iterable[ast.AST | None], scope: Scope, mode: int) -> None:
        self.stack.extend((node, scope, mode) for node in nodes if node is not None)

    def inner(self, kind: str, parent: Scope) -> Scope:
        scope = Scope(kind, parent)
        self.scopes.append(scope)
        return scope

    def run(self) -> None:
        stack, handlers = self.stack, self._handlers
        while stack:
            node, scope, mode = stack.pop()
            handler = handlers.get(type(node))
            if handler is not None:
                handler(self, node, scope, mode)
            else:
                self._children(node, scope, mode)

    def _children(self, node: ast.AST, scope: Scope, mode: int) -> None:
        stack = self.stack
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                stack.append((value, scope, mode))
            elif isinstance(value, list):
                stack.extend((item, scope, mode) for item in value if isinstance(item, ast.AST))

    # ------------------------------------------------------------------------------ names

    def _name(self, node: ast.Name, scope: Scope, mode: int) -> None:
        if isinstance(node.ctx, ast.Load):
            self._load(node.id, scope, mode)
        else:
            scope.bound.add(node.id)

    def _load(self, dotted: str, scope: Scope, mode: int) -> None:
        scope.loads.add((dotted, mode))
        if dotted.endswith(("__doc__", "getdoc")):
            self.found.reads_docs = True

    def _attribute(self, node: ast.Attribute, scope: Scope, mode: int) -> None:
        dotted = chain(node)
        if node.attr == "f_globals":
            self.found.refs.add("*")
        elif node.attr == "__globals__" and not dotted:
            self.found.notes.append((node.lineno, _UNKNOWN_GLOBALS))
        if self._loaded_module(node, scope, mode):
            return
        if dotted:
            self._load(dotted, scope, mode)
            if dotted == "sys.modules.get":
                self.found.notes.append((node.lineno, _SYS_MODULES))
            return
        if node.attr == "__doc__":
            self.found.reads_docs = True
        if isinstance(node.value, ast.Call) and _last(node.value.func) == "super":
            self.found.own.add(node.attr)
        self.push(node.value, scope, mode)

    def _loaded_module(self, node: ast.Attribute, scope: Scope, mode: int) -> bool:
        """`sys.modules["a.b"].name` is `from a.b import name`."""
        looked_up = node.value
        if not isinstance(looked_up, ast.Subscript) or chain(looked_up.value) != "sys.modules":
            return False
        text = _text(looked_up.slice)
        if text is None:
            return False
        self.push(looked_up.value, scope, mode)
        self.found.refs.update((f"{text}:{node.attr}", f"{text}!"))
        return True

    def _augmented(self, node: ast.AugAssign, scope: Scope, mode: int) -> None:
        if isinstance(node.target, ast.Name):
            self._load(node.target.id, scope, mode)
        self._children(node, scope, mode)

    def _walrus(self, node: ast.NamedExpr, scope: Scope, mode: int) -> None:
        home = scope
        while home.kind == "comprehension" and home.parent is not None:
            home = home.parent
        home.bound.add(node.target.id)
        self.push(node.value, scope, mode)

    def _global(self, node: ast.Global, scope: Scope, mode: int) -> None:
        scope.outward.update(node.names)
        scope.loads.update((name, mode) for name in node.names)

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope, mode: int) -> None:
        pass  # bound further out, where the name is found anyway; binding it here too only makes it local twice

    def _captures(self, node: Any, scope: Scope, mode: int) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            scope.bound.add(name)
        self._children(node, scope, mode)

    # ------------------------------------------------------------------------------ imports

    def _import(self, node: ast.Import, scope: Scope, mode: int) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            target = f"{alias.name}:" if alias.asname else f"{top}:"
            self._bind_import(alias.asname or top, target, scope)
            if scope.kind != "module":
                self.found.refs.add(f"{alias.name}!")

    def _import_from(self, node: ast.ImportFrom, scope: Scope, mode: int) -> None:
        for alias in node.names:
            self._bind_import(alias.asname or alias.name, import_target(node, alias.name), scope)
            if scope.kind != "module":
                self.found.refs.add(f"{'.' * node.level}{node.module or ''}!")

    def _bind_import(self, name: str, target: str, scope: Scope) -> None:
        scope.bound.add(name)
        scope.imports.setdefault(name, []).append(target)

    # ------------------------------------------------------------------------------ scopes

    def _function(self, node: Function, scope: Scope, mode: int) -> None:
        scope.bound.add(node.name)
        self._decorators(node.decorator_list, scope, mode)
        outer = self._type_parameters(node, scope)
        inner = self.inner("function", outer)
        self._signature(node.args, outer, inner, mode)
        self.push(node.returns, outer, NOTE)
        if scope.kind == "class":
            named = [*node.args.posonlyargs, *node.args.args]
            static = any(_last(each) == "staticmethod" for each in node.decorator_list)
            inner.receiver = named[0].arg if named and not static else ""
            mode = SOFT if node.name == "requires" else mode
        self.push_all(node.body, inner, mode)

    def _lambda(self, node: ast.Lambda, scope: Scope, mode: int) -> None:
        inner = self.inner("function", scope)
        self._signature(node.args, scope, inner, mode)
        self.push(node.body, inner, mode)

    def _signature(self, args: ast.arguments, outer: Scope, inner: Scope, mode: int) -> None:
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        inner.bound.update(arg.arg for arg in every if arg is not None)
        self.push_all((arg.annotation for arg in every if arg is not None), outer, NOTE)
        self.push_all([*args.defaults, *args.kw_defaults], outer, mode)

    def _class(self, node: ast.ClassDef, scope: Scope, mode: int) -> None:
        scope.bound.add(node.name)
        self._decorators(node.decorator_list, scope, mode)
        outer = self._type_parameters(node, scope)
        self.push_all([*node.bases, *node.keywords], outer, HARD)
        self.push_all(node.body, self.inner("class", outer), HARD)

    def _type_parameters(self, node: ast.AST, scope: Scope) -> Scope:
        parameters = getattr(node, "type_params", None)  # Python 3.12
        if not parameters:
            return scope
        inner = self.inner("function", scope)
        for parameter in parameters:
            inner.bound.add(parameter.name)
            self._children(parameter, inner, NOTE)
        return inner

    def _decorators(self, decorators: Iterable[ast.expr], scope: Scope, mode: int) -> None:
        for decorator in decorators:
            if isinstance(decorator, ast.Call) and _last(decorator.func) in _DEPENDENCY_DECORATORS:
                self.push(decorator.func, scope, mode)
                self.push_all([*decorator.args, *decorator.keywords], scope, SOFT)
            else:
                self.push(decorator, scope, mode)

    def _comprehension(self, node: Any, scope: Scope, mode: int) -> None:
        inner = self.inner("comprehension", scope)
        first = node.generators[0]
        self.push(first.iter, scope, mode)  # the only part that is evaluated outside
        self.push_all((each.iter for each in node.generators[1:]), inner, mode)
        for each in node.generators:
            self.push_all([each.target, *each.ifs], inner, mode)
        values = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        self.push_all(values, inner, mode)

    # ------------------------------------------------------------------------------ statements

    def _assign(self, node: ast.Assign, scope: Scope, mode: int) -> None:
        self.push_all(node.targets, scope, mode)
        # `data = Preprocessor()` in a class declares a dependency's default.
        self.push(node.value, scope, SOFT if scope.kind == "class" else mode)

    def _annotated(self, node: ast.AnnAssign, scope: Scope, mode: int) -> None:
        self.push(node.target, scope, mode)
        self.push(node.annotation, scope, NOTE)
        self.push(node.value, scope, SOFT if scope.kind == "class" else mode)

    def _if(self, node: ast.If, scope: Scope, mode: int) -> None:
        live = live_branch(node)
        self.push_all([node.test, *node.body, *node.orelse] if live is None else live, scope, mode)

    # ------------------------------------------------------------------------------ what is hidden

    def _call(self, node: ast.Call, scope: Scope, mode: int) -> None:
        name = _last(node.func)
        if name in _IMPORTERS:
            self._imported(node)
        elif name in _EVALUATORS and (isinstance(node.func, ast.Name) or name == "run_path"):
            self._evaluated(node, scope, mode)
        elif name in {"globals", "vars", "locals"} and not node.args and isinstance(node.func, ast.Name):
            if name == "globals" or scope.kind == "module":
                self.found.refs.add("*")
        elif name == "getattr" and self._literal_attribute(node, scope, mode):
            self.push_all(node.args[2:], scope, mode)
            return
        self._children(node, scope, mode)

    def _imported(self, node: ast.Call) -> None:
        text = _text(node.args[0]) if node.args else None
        if text is None:
            self.found.notes.append((node.lineno, _UNKNOWN_IMPORT))
            return
        package = _text(node.args[1]) if len(node.args) > 1 else None
        text = f"{package}{text}" if text.startswith(".") and package else text
        self.found.refs.update((f"{text}:", f"{text}!"))

    def _evaluated(self, node: ast.Call, scope: Scope, mode: int) -> None:
        text = _text(node.args[0]) if node.args else None
        code = None if text is None or _last(node.func) == "run_path" else _parse(text, "exec")
        if code is None:
            self.found.notes.append((node.lineno, _UNKNOWN_CODE))
        else:
            self.push_all(code.body, scope, mode)

    def _literal_attribute(self, node: ast.Call, scope: Scope, mode: int) -> bool:
        """`getattr(module, "name")` is `module.name`."""
        if len(node.args) < 2 or not (dotted := chain(node.args[0])) or not (name := _text(node.args[1])):
            return False
        self._load(f"{dotted}.{name}", scope, mode)
        return True

    def _subscript(self, node: ast.Subscript, scope: Scope, mode: int) -> None:
        self.push(node.value, scope, mode)
        if chain(node.value) == "sys.modules":
            text = _text(node.slice)
            if chain(node.slice) == "__name__":
                self.found.refs.add("*")
            elif text is not None:
                self.found.refs.update((f"{text}:", f"{text}!"))
            else:
                self.found.notes.append((node.lineno, _SYS_MODULES))
        literal = mode == NOTE and _last(node.value) == "Literal"
        self.push(node.slice, scope, HARD if literal else mode)

    def _constant(self, node: ast.Constant, scope: Scope, mode: int) -> None:
        if mode == NOTE and isinstance(node.value, str) and (code := _parse(node.value, "eval")) is not None:
            self.push(code.body, scope, NOTE)

    _handlers: ClassVar[Mapping[type[ast.AST], Callable[..., None]]] = MappingProxyType(
        {
            ast.Name: _name,
            ast.Attribute: _attribute,
            ast.AugAssign: _augmented,
            ast.NamedExpr: _walrus,
            ast.Global: _global,
            ast.Nonlocal: _nonlocal,
            ast.ExceptHandler: _captures,
            ast.MatchAs: _captures,
            ast.MatchStar: _captures,
            ast.MatchMapping: _captures,
            ast.Import: _import,
            ast.ImportFrom: _import_from,
            ast.FunctionDef: _function,
            ast.AsyncFunctionDef: _function,
            ast.Lambda: _lambda,
            ast.ClassDef: _class,
            **dict.fromkeys(_COMPREHENSIONS, _comprehension),
            ast.Assign: _assign,
            ast.AnnAssign: _annotated,
            ast.If: _if,
            ast.Call: _call,
            ast.Subscript: _subscript,
            ast.Constant: _constant,
        }
    )


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _parse(text: str, mode: str) -> Any:
    try:
        return ast.parse(text.strip(), mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
