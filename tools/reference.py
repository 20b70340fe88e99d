"""Make docs/reference.md from the code: the commands, the keys of luigi.toml, the public names of Python.

`python tools/reference.py`; a test compares what is there with what this makes.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import daicho
from daicho import testing
from daicho.cli.app import COMMANDS
from daicho.config.own import DESCRIPTIONS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference.md"

_ENTRY = re.compile(r"^ {4}([\w*][\w*, ]*): (.+)$")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page."""
    parts = [_HEAD, *map(_command, COMMANDS), _STATUS, "## luigi.toml\n", *_keys(), "## Python\n"]
    parts += [
        _name("daicho", daicho, name) for name in sorted(daicho.__all__, key=str.casefold) if name[0] != "_"
    ]
    parts += ["## daicho.testing\n", *(_name("daicho.testing", testing, name) for name in testing.__all__)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def _command(name: str) -> str:
    command: click.Command = getattr(importlib.import_module(f"daicho.cli.commands.{name}"), name)
    context = click.Context(command, info_name=f"daicho {name}", help_option_names=["-h", "--help"])
    usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
    own = [param for param in command.params if isinstance(param, click.Option) and not _common(param)]
    options = [f"- {_spelt(param)}: {param.help}" for param in own]
    examples = (command.epilog or "").partition("Examples:\n")[2]
    shown = "\n".join(line[2:] for line in examples.splitlines())
    text = inspect.cleandoc(command.help or "")
    return "\n".join(
        [f"### daicho {name} {usage}".rstrip(), "", text, "", *options, "", "```text", shown, "```", ""]
    )


def _common(param: click.Option) -> bool:
    return bool({"-C", "-c", "-q", "-v", "--json", "--color", "--debug"} & set(param.opts))


def _spelt(param: click.Option) -> str:
    return ", ".join(f"`{each}`" for each in param.opts) + (f" {param.metavar}" if param.metavar else "")


def _keys() -> Iterator[str]:
    for section, keys in DESCRIPTIONS.items():
        yield f"### [{section}]\n"
        yield from (f"- `{key}`: {text}" for key, text in keys.items())
        yield ""


def _name(module: str, owner: Any, name: str) -> str:
    value = getattr(owner, name)
    heading = f"### {module}.{name}\n"
    code = f"```text\n{name}{_signature(value)}\n```\n" if inspect.isfunction(value) else ""
    methods = list(_methods(value)) if inspect.isclass(value) else []
    return "\n".join([heading, code, _prose(value), "", *methods, ""])


def _signature(function: Any, *, leave_out: int = 0) -> str:
    """As it stands in the code; a long one with a line for each parameter."""
    found = inspect.signature(function)
    found = found.replace(parameters=list(found.parameters.values())[leave_out:])
    whole = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(found))
    whole = re.sub(r"<[\w.]+ object at 0x\w+>", "...", whole)
    if len(whole) <= 90:
        return whole
    inside, _, returned = whole[1:].rpartition(") -> ")
    parts = re.split(r", (?=\*|\w+: |\w+=)", inside)
    return "(\n" + "".join(f"    {part},\n" for part in parts) + f") -> {returned}"


def _methods(kind: type) -> Iterator[str]:
    """The public methods that a class itself defines, a line each."""
    for name, value in vars(kind).items():
        function = getattr(value, "__func__", value if inspect.isfunction(value) else None)
        if name[0] != "_" and function is not None and function.__doc__:
            signature = re.sub(r"\n *", " ", _signature(function, leave_out=1))
            signature = signature.replace("( ", "(").replace(", ) ->", ") ->")
            yield f"- `{name}{signature}`: {inspect.cleandoc(function.__doc__).splitlines()[0]}"


def _prose(value: Any) -> str:
    """A docstring as Markdown: its sections as lists."""
    lines: list[str] = []
    section = ""
    for line in inspect.cleandoc(value.__doc__ or "").splitlines():
        entry = _ENTRY.match(line)
        if re.fullmatch(r"(Args|Attributes|Returns|Raises):", line):
            section = line
            lines += [f"*{line}*", ""]
        elif section not in ("", "Returns:") and entry is not None:
            lines.append(f"- `{entry[1]}`: {entry[2]}")
        elif section and line.startswith("    "):
            lines.append(line.strip() if section == "Returns:" else f"  {line.strip()}")
        else:
            section = section if not line else ""
            lines.append(line)
    return "\n".join(lines)


_HEAD = """\
# Reference

Made from the code by `tools/reference.py`.

## Commands

Every command has these options: `-C DIR` works as if started there, `-c FILE` uses another configuration file (of
several the later one wins), `-q` says less, `-v` more, `--json` prints one document and nothing else on stdout,
`--color` is `auto`, `always` or `never` (NO_COLOR and FORCE_COLOR count), `--debug` shows daicho's own tracebacks.
"""

_STATUS = """\
## Exit status

- 0: done, also when nothing was to do
- 1: a task failed; or, with `--check`, something would run; or what was compared differs
- 2: usage, configuration or project is wrong; nothing ran
- 3: the store cannot be reached: nothing ran, or results wait and the next run records them; or daicho itself is broken
- 130: interrupted
"""

if __name__ == "__main__":
    main()
