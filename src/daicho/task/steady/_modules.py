"""What a module may do while it is imported without anybody's tasks becoming others by it."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterator, Sequence
from typing import Final

from daicho.task.steady._expressions import Expressions, Scope, is_task, said
from daicho.task.steady._text import Text, imported

_REACHES_ANYTHING: Final = frozenset(
    {"exec", "eval", "compile", "setattr", "delattr", "globals", "locals", "vars", "__import__", "getattr"}
)
_BLOCKS: Final = (ast.If, ast.Try, ast.With, ast.For, ast.While)


def odd_module(text: Text, expressions: Expressions) -> str | None:
    """What a module does at its top that may change the project's tasks; None if nothing.

    Whatever is not the project's own code does not know its tasks; so only calls of own code count, and writing
    to attributes. What a task's own parameters and dependencies are is looked at elsewhere.
    """
    return _odd_body(text.tree.body, Scope(text), expressions)


def _odd_body(body: list[ast.stmt], scope: Scope, expressions: Expressions) -> str | None:
    for statement in body:
        odd = _odd_statement(statement, scope, expressions)
        if odd is not None:
            return odd
    return None


def _odd_statement(statement: ast.stmt, scope: Scope, expressions: Expressions) -> str | None:
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return None
        case ast.FunctionDef(decorator_list=executed) | ast.AsyncFunctionDef(decorator_list=executed):
            return _odd_calls(executed, scope, expressions, decorators=True)
        case ast.ClassDef():
            if is_task(scope.text.value(statement.name)):
                return None  # if it is a task of the plan, that is looked at as one
            inner = [each for each in statement.body if not isinstance(each, ast.FunctionDef)]
            return _odd_calls(statement.decorator_list, scope, expressions, decorators=True) or _odd_body(
                inner, scope, expressions
            )
        case ast.Assign(targets=targets, value=value):
            return _odd_targets(targets, scope, expressions) or _odd_calls([value], scope, expressions)
        case ast.AnnAssign(target=target, value=value):
            return _odd_targets([target], scope, expressions) or _odd_calls(
                [value] if value else [], scope, expressions
            )
        case ast.AugAssign(target=target, value=value):
            return _odd_targets([target], scope, expressions) or _odd_calls([value], scope, expressions)
        case ast.Expr(value=value):
            return _odd_calls([value], scope, expressions)
    if isinstance(statement, _BLOCKS):
        return _odd_block(statement, scope, expressions)
    return said(statement, scope)


def _odd_block(statement: ast.stmt, scope: Scope, expressions: Expressions) -> str | None:
    if isinstance(statement, ast.If) and _is_for_others(statement.test):
        return _odd_body(statement.orelse, scope, expressions)
    heads = [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.expr | ast.withitem)]
    odd = _odd_calls(heads, scope, expressions)
    for each in ast.iter_child_nodes(statement):
        if odd is not None:
            return odd
        if isinstance(each, ast.stmt):
            odd = _odd_statement(each, scope, expressions)
        elif isinstance(each, ast.ExceptHandler):
            odd = _odd_body(each.body, scope, expressions)
    return odd


def _is_for_others(test: ast.expr) -> bool:
    """`if TYPE_CHECKING:` and `if __name__ == "__main__":`, which do nothing in an imported module."""
    shown = ast.unparse(test)
    return shown in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'")


def _odd_targets(targets: list[ast.expr], scope: Scope, expressions: Expressions) -> str | None:
    """Writing into something: only what is not the project's own (`os.environ[…] = …`) is nobody's task."""
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
                root = _root(node)
                if root is None or not _is_foreign(root.id, scope, expressions):
                    return said(target, scope)
    return None


def _odd_calls(
    nodes: Sequence[ast.AST], scope: Scope, expressions: Expressions, *, decorators: bool = False
) -> str | None:
    for node in nodes:
        if decorators and not isinstance(node, ast.Call) and _is_own_call(node, scope, expressions):
            return said(node, scope)
        for call in _calls(node):
            if _is_own_call(call.func, scope, expressions) or _gives_away(call, scope):
                return said(call, scope)
    return None


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that are made now: not those in the body of a lambda."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Call):
            yield each
        if not isinstance(each, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(each))


def _is_own_call(function: ast.AST, scope: Scope, expressions: Expressions) -> bool:
    root = _root(function)
    if root is None:
        return not isinstance(
            function, ast.Attribute
        )  # a method of a literal or of a result; `f()()` is not told
    text = scope.text
    if root.id not in text.bound and root.id not in text.deeper:
        return root.id in _REACHES_ANYTHING or not hasattr(builtins, root.id)
    if _is_foreign(root.id, scope, expressions):
        return False
    value = text.value(root.id)
    if isinstance(value, type) and isinstance(function, ast.Name) and not is_task(value):
        # An object of a class that does nothing of its own when it is made.
        return expressions.global_name(text, root.id) is not None
    return isinstance(value, type) or callable(value) or inspect.ismodule(value)


def _is_foreign(name: str, scope: Scope, expressions: Expressions) -> bool:
    """Whether a name was imported, and not from the project."""
    bound = scope.text.bound.get(name, ())
    return bool(bound) and all(
        isinstance(by, ast.alias) and not expressions.texts.is_own(imported(by)[0]) for by in bound
    )


def _gives_away(call: ast.Call, scope: Scope) -> bool:
    """Whether a task class is handed to somebody."""
    given = [*call.args, *(each.value for each in call.keywords)]
    names = {each.id for node in given for each in ast.walk(node) if isinstance(each, ast.Name)}
    return any(is_task(scope.text.value(name)) for name in names)


def _root(node: ast.AST) -> ast.Name | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node if isinstance(node, ast.Name) else None
