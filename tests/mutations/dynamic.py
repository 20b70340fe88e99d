"""Edits of code that only running finds: no reading of the task leads to it, and still nothing old may be served."""

from __future__ import annotations

from tests.mutations.edit import Edit, drop, edit, put, swap


def _dynamic(name: str, file: str, old: str, new: str, *names: str) -> Edit:
    return edit(
        name, swap(file, old, new), runs="Dynamic", why=", ".join(f"observed {each}" for each in names)
    )


def _patched(name: str, old: str, new: str, where: str) -> Edit:
    """What is done to other modules at import may matter to all that are imported together."""
    why = f"observed {where}, observed dynamic:<imports>, observed tasks:<imports>, observed tasks:<imports but lib.log>"
    return edit(
        name,
        swap("patching.py", old, new),
        runs="Prepare Train Report Dynamic",
        why=why,
        needless="Prepare Train Report",
    )


DYNAMIC = [
    _dynamic("function that a decorator registers", "registered/first.py", "second_step() + SIZE", "second_step() - SIZE", "registered.first:first"),
    _dynamic("helper of a registered function", "registered/first.py", "def second_step():\n    return 1", "def second_step():\n    return 2", "registered.first:second_step"),
    _dynamic("constant of a registered function", "registered/first.py", "SIZE = 1", "SIZE = 2", "registered.first:SIZE"),
    _dynamic("lambda in a registered function", "registered/first.py", "lambda n: -n", "lambda n: n", "registered.first:made"),
    _dynamic("name that a function is registered by", "registered/first.py", "@register('lambda')", "@register('other')", "registered.first:<registered>", "registered.first:made"),
    edit("one more plug-in in a folder", put("registered/more.py", "from registry import register\n\n\n@register('more')\ndef more():\n    return 9\n"), runs="Dynamic", why="observed registered:<names>"),
    edit("one plug-in less in a folder", drop("registered/last.py"), runs="Dynamic", why="observed registered:<names>, observed registered.last:<imports>, observed registered.last:<names>, observed registered.last:<registered>, observed registered.last:last, observed registered.last:register"),
    _dynamic("class found by `__subclasses__`", "registered/kinds.py", "return self.text", "return self.text * 2", "registered.kinds:One"),
    _dynamic("class attribute of such a class", "registered/kinds.py", "text = 'one'", "text = 'uno'", "registered.kinds:One"),
    _dynamic("class found by `__init_subclass__`", "registered/kinds.py", "'made'", "'making'", "registered.kinds:Maker"),
    _dynamic("function that a parameter names", "pluggable/chosen.py", "BASE + 1", "BASE + 2", "pluggable.chosen:pick"),
    _dynamic("constant of a function that a parameter names", "pluggable/chosen.py", "BASE = 10", "BASE = 11", "pluggable.chosen:BASE"),
    _dynamic("function that a data file names", "pluggable/listed.py", "return 3", "return 4", "pluggable.listed:third"),
    _dynamic("single dispatch in another module", "dispatched.py", "'a thing'", "'some thing'", "dispatched:_"),
    _patched("value that another module put in at import", "['value'] = 1", "['value'] = 7", "patching:<body>"),
    _patched("class attribute that another module sets", "Holder.level = 2", "Holder.level = 3", "patching:<body>"),
    _patched("method that another module replaces", "return 3", "return 4", "patching:replaced"),
    _patched("function that another module replaces", "'good day'", "'good night'", "patching:greeting"),
    _dynamic("class of an unpickled object", "pickled.py", "return self.size", "return self.size + 1", "pickled:Kind"),
    _dynamic("class attribute of an unpickled object", "pickled.py", "size = 1", "size = 2", "pickled:Kind"),
    _dynamic("function that an evaluated text names", "formulas.py", "n ** 3", "n ** 4", "formulas:cube"),
    _dynamic("constant of a module that a parameter names", "presets/small.py", "RATE = 0.1", "RATE = 0.2", "presets.small:RATE"),
    edit("constant that is taken out of `sys.modules`", swap("loaded.py", "RATE = 1", "RATE = 2"), runs="Dynamic", why="code loaded:RATE"),
    _dynamic("constant that a computed name takes out of `sys.modules`", "computed.py", "RATE = 1", "RATE = 2", "computed:RATE"),
    _dynamic("constant of a module that a parameter names and that was imported before", "ready.py", "RATE = 1", "RATE = 2", "ready:RATE"),
    _dynamic("constant that was asked for and not there", "computed.py", "RATE = 1", "RATE = 1\nMORE = 1", "computed:<names>", "computed:<no MORE>"),
    _dynamic("constant that was asked for and is defined under a condition", "computed.py", "UNREAD > 1", "UNREAD > 0", "computed:LESS"),
    _dynamic("constant in the dictionary of a module", "shelf/names.py", "TWO = 2", "TWO = 2\nTHREE = 3", "shelf.names:<names>"),
    _dynamic("constant of a module that is an attribute of its package", "shelf/inner.py", "RATE = 1", "RATE = 2", "shelf.inner:RATE"),
    _dynamic("constant that `pkgutil` resolves", "shelf/other.py", "RATE = 1", "RATE = 2", "shelf.other:RATE"),
    _dynamic("constant of the module that `inspect` finds", "dispatching.py", "NOTE = 'note'", "NOTE = 'notes'", "dispatching:NOTE"),
    edit("constant in the globals of a function", swap("patched.py", "OTHER = 'other'", "OTHER = 'others'"), runs="Dynamic", why="code patched:OTHER"),
    edit("constant that a module in `sys.modules` hands on", swap("shelf/origin.py", "VALUE = 1", "VALUE = 2"), runs="Dynamic", why="code shelf.origin:VALUE"),
    _dynamic("class attribute of a registered class, no method called", "classes.py", "size = 1", "size = 5", "classes:Early"),
    _dynamic("class attribute of a subclass that was imported before", "classes.py", "level = 3", "level = 5", "classes:Early"),
    _dynamic("default of a registered dataclass", "classes.py", "depth: int = 4", "depth: int = 5", "classes:Settings"),
    _dynamic("one more registered function in the task's own module", "dynamic.py", "class Dynamic", "@step\ndef more():\n    return 5\n\n\nclass Dynamic", "dynamic:<registered>"),
    _dynamic("one more subclass", "classes.py", "class Apart:", "class Apart(registry.Early):", "dynamic:<registered>"),
    _dynamic("constant that an evaluated text names", "formulas.py", "LEVEL = 1", "LEVEL = 2", "formulas:LEVEL"),
    _dynamic("class attribute that `__subclasses__` leads to, no method called", "registered/kinds.py", "size = 2", "size = 3", "registered.kinds:Two"),
    _dynamic("class attribute of an unpickled object, no method called", "plain.py", "weight = 1", "weight = 2", "plain:Plain"),
]  # fmt: skip

BESIDE = [
    edit("function beside a registered one", swap("registered/first.py", "def nobody():\n    return 1", "def nobody():\n    return 2")),
    edit("function beside one that a parameter names", swap("pluggable/chosen.py", "return 5", "return 6")),
    edit("constant beside one that is taken out of `sys.modules`", swap("loaded.py", "UNREAD = 1", "UNREAD = 2")),
    edit("constant beside one that is handed on", swap("shelf/origin.py", "BESIDE = 1", "BESIDE = 2")),
    edit("class beside registered ones", swap("classes.py", "size = 3", "size = 4")),
    edit("function beside one that an evaluated text names", swap("formulas.py", "return 0", "return 2")),
]  # fmt: skip
"""Code that stands beside what was executed, and was not: nothing runs."""
