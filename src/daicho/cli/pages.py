"""Pages that a command writes beside its answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daicho.cli.printer import portable
from daicho.errors import ProjectError


def write_comparison(document: Mapping[str, Any], to: str) -> None:
    """Write a comparison as one page.

    Raises:
        ProjectError: If it cannot be written there.
    """
    from daicho.html import comparison_page

    path = Path(to)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(comparison_page(portable(document)), encoding="utf-8")
    except OSError as error:
        raise ProjectError(
            f"`{to}` cannot be written: {error.strerror or error}",
            hints=("choose another place: --html FILE",),
        ) from error
