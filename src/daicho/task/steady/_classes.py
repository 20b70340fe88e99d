"""What a task class may say so that its parameters and what it needs are the same wherever the same files lie."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any, Final

import luigi
import luigi.util

from daicho.task.steady._expressions import Expressions, Scope, is_task, names_in
from daicho.task.task import Task

_ASKED: Final = frozenset({"requires", "build_input_output_path_dicts"})
"""Methods that planning calls: their bodies are looked at."""
_NOT_ASKED: Final = frozenset({"run", "on_failure", "on_success"})
_GROWS: Final = ("append", "extend", "add", "insert", "update")
_HOME: Final = ("luigi", "daicho")


def odd_class(kind: type, expressions: Expressions) -> str | None:
    """What in a task class, or in its bases, may be otherwise next time; None if nothing."""
    for each in kind.__mro__:
        home = each.__module__.partition(".")[0]
        if each is object or home in _HOME:
            continue
        odd = _odd_one(each, expressions)
        if odd is not None:
            return odd
    return None


def _odd_one(kind: type, expressions: Expressions) -> str | None:
    where = f"`{kind.__qualname__}` of `{kind.__module__}`"
    text = expressions.texts.of(kind.__module__)
    if text is None or text.value(kind.__name__) is not kind or kind.__name__ in text.deeper:
        return where
    definitions = text.bound.get(kind.__qualname__, [])
    if len(definitions) != 1 or not isinstance(definitions[0], ast.ClassDef) or definitions[0].keywords:
        return where
    node, scope = definitions[0], Scope(text, kind)
    for decorator in node.decorator_list:
        odd = _odd_decorator(decorator, scope, expressions)
        if odd is not None:
            return odd
    for statement in node.body:
        odd = _odd_member(statement, scope, expressions)
        if odd is not None:
            return odd
    return None


def _odd_decorator(node: ast.expr, scope: Scope, expressions: Expressions) -> str | None:
    """Only Luigi's own, which say what a task needs or inherits."""
    if isinstance(node, ast.Call):
        made = expressions.resolve(node.func, scope)
        given = [*node.args, *(each.value for each in node.keywords)]
        if made in (luigi.util.requires, luigi.util.inherits) and all(
            is_task(expressions.resolve(each, scope)) for each in given
        ):
            return None
    return f"`@{ast.unparse(node)[:40]}` of `{scope.text.name}`, line {node.lineno}"


def _odd_member(statement: ast.stmt, scope: Scope, expressions: Expressions) -> str | None:
    top = Scope(scope.text)
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return None
        case ast.AnnAssign(annotation=annotation, value=value):
            odd = None if value is None else expressions.odd(value, top)
            return odd or _odd_annotation(annotation, top, expressions)
        case ast.Assign(value=value, targets=targets) if all(isinstance(each, ast.Name) for each in targets):
            return expressions.odd(value, top)
        case ast.FunctionDef(name=name):
            return _odd_method(statement, name, scope, expressions)
    return f"line {statement.lineno} of `{scope.text.name}`"


def _odd_method(node: ast.FunctionDef, name: str, scope: Scope, expressions: Expressions) -> str | None:
    if name in _ASKED and not node.decorator_list:
        own = {each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        return _odd_steps(node.body, replace(scope, local=frozenset(own | _bound_in(node))), expressions)
    if name in _NOT_ASKED:
        return None
    if hasattr(Task, name) or name.startswith("__"):
        return f"`{name}()` of `{scope.text.name}`, line {node.lineno}"
    return None


def _bound_in(node: ast.FunctionDef) -> set[str]:
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Assign):
            found.update(name for target in each.targets for name in names_in(target))
        elif isinstance(each, ast.For | ast.AnnAssign | ast.AugAssign):
            found.update(names_in(each.target))
    return found


def _odd_steps(body: list[ast.stmt], scope: Scope, expressions: Expressions) -> str | None:
    for step in body:
        odd = _odd_step(step, scope, expressions)
        if odd is not None:
            return odd
    return None


def _odd_step(step: ast.stmt, scope: Scope, expressions: Expressions) -> str | None:
    match step:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Return(value=None):
            return None
        case ast.Return(value=ast.expr() as value) | ast.Expr(value=ast.Yield(value=ast.expr() as value)):
            return expressions.odd(value, scope)
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return expressions.odd(value, scope) if _binds_names(step) else _line(step, scope)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) as call):
            grows = name in scope.local and name != "self" and attr in _GROWS and not call.keywords
            return expressions.first(call.args, scope) if grows else _line(step, scope)
        case ast.For(iter=iterated, body=body, orelse=[]):
            return expressions.odd(iterated, scope) or _odd_steps(body, scope, expressions)
        case ast.If(test=test, body=body, orelse=orelse):
            return expressions.odd(test, scope) or _odd_steps([*body, *orelse], scope, expressions)
    return _line(step, scope)


def _binds_names(step: ast.stmt) -> bool:
    """`needed = …` and `paths["model"] = …`: names of the method's own, or places in them."""
    targets: Any = step.targets if isinstance(step, ast.Assign) else [vars(step)["target"]]
    return all(
        isinstance(each, ast.Name | ast.Tuple)
        or (isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name) and each.value.id != "self")
        for each in targets
    )


def _odd_annotation(node: ast.expr, scope: Scope, expressions: Expressions) -> str | None:
    """A parameter's type: classes of the project that run code of their own when a value is read are odd."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return _line(node, scope)
    for each in ast.walk(node):
        if isinstance(each, ast.Name | ast.Attribute):
            found = expressions.resolve(each, scope)
            if isinstance(found, type) and not is_task(found) and expressions.texts.is_own(found.__module__):
                odd = _odd_type(found, expressions)
                if odd is not None:
                    return odd
            elif isinstance(found, luigi.Parameter):
                return _line(node, scope)
    return None


def _odd_type(kind: type, expressions: Expressions) -> str | None:
    text = expressions.texts.of(kind.__module__)
    if text is None or "." in kind.__qualname__:
        return f"`{kind.__qualname__}` of `{kind.__module__}`"
    odd = expressions.global_name(text, kind.__name__)
    below = [base for base in kind.__bases__ if expressions.texts.is_own(base.__module__)]
    return odd or next((found for base in below if (found := _odd_type(base, expressions))), None)


def _line(node: ast.AST, scope: Scope) -> str:
    return f"line {getattr(node, 'lineno', 1)} of `{scope.text.name}`"
