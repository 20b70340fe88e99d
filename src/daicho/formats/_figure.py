"""figure: a picture; a matplotlib figure, a Pillow image, or an array of pixels.

What is kept is how it looks, not what it was made of. No date, program or version is written into the file,
so that the same picture has the same bytes. Only matplotlib's figures themselves are used, never pyplot and
its current figure.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind

_RASTER = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
_NO_METADATA: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_SAVES = "a matplotlib figure, a Pillow image or an array of uint8"


class Figure:
    """Saves a picture as its file's name says; gives a Pillow image back, an SVG's str, a PDF's bytes."""

    name = "figure"
    suffixes: tuple[str, ...] = (".png", ".svg", ".pdf", ".jpg", ".jpeg")
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Draw a figure, or write an image."""
        end = _end(path)
        figure = _figure_of(value)
        if figure is not None:
            write(path, _draw(figure, end, path))
            return
        image = _image_of(value)
        if image is None:
            raise wrong_kind("figure", _SAVES, value, path, _hint(value))
        if end not in _RASTER:
            raise not_exact(
                "figure", f"an image of pixels does not become a `{end}` file", path, "use `.png`"
            )
        write(path, _encode(image, end, path))

    def load(self, path: Path) -> Any:
        """Give a Pillow image back, or the text of an SVG, or the bytes of a PDF."""
        end = _end(path)
        if end in _RASTER:
            return _open(path)
        data = path.read_bytes()
        if end == ".pdf":
            if not data.startswith(b"%PDF-"):
                raise not_readable("figure", path, "it is not a PDF")
            return data
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_readable("figure", path, error) from error
        if "<svg" not in text:
            raise not_readable("figure", path, "it is not an SVG")
        return text


def _end(path: Path) -> str:
    end = path.suffix.lower()
    if end not in Figure.suffixes:
        hint = f"end its name with one of {', '.join(Figure.suffixes)}"
        raise not_exact("figure", f"`{path.name}` does not say what kind of picture it is", path, hint)
    return end


def _figure_of(value: Any) -> Any:
    """The matplotlib figure that `value` is or lies in, or None (surely so if nobody imported matplotlib)."""
    module = sys.modules.get("matplotlib.figure")
    if module is None:
        return None
    figure = value if isinstance(value, module.FigureBase) else getattr(value, "figure", None)
    if isinstance(figure, module.SubFigure):
        figure = figure.get_figure(root=True)
    return figure if isinstance(figure, module.Figure) else None


def _draw(figure: Any, end: str, path: Path) -> bytes:
    matplotlib = need("matplotlib", extra="plots", why="the figure format")
    buffer = io.BytesIO()
    # without a fixed salt the ids within an SVG are random
    with matplotlib.rc_context({"svg.hashsalt": "daicho"}):
        try:
            figure.savefig(buffer, format=end[1:], metadata=_NO_METADATA.get(end))
        except (
            ValueError,
            TypeError,
            OSError,
            RuntimeError,
        ) as error:  # a formula that is none, a missing font
            raise not_exact("figure", str(error).strip().splitlines()[-1], path) from error
    return buffer.getvalue()


def _image_of(value: Any) -> Any:
    """The Pillow image that `value` is or shows, or None."""
    module = sys.modules.get("PIL.Image")
    if module is not None and isinstance(value, module.Image):
        return value
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.ndarray) or value.dtype != numpy.uint8:
        return None
    if value.ndim != 2 and not (value.ndim == 3 and value.shape[2] in (3, 4)):
        return None
    return need("PIL.Image", extra="plots", why="the figure format").fromarray(value)


def _hint(value: Any) -> str:
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        shapes = "(height, width), (height, width, 3) or (height, width, 4)"
        return f"an array of pixels is uint8 of shape {shapes}; this is {value.dtype} of shape {value.shape}"
    return "of a plot that is made of several objects, save the figure that they lie in"


def _encode(image: Any, end: str, path: Path) -> bytes:
    buffer = io.BytesIO()
    try:
        image.save(buffer, format=_RASTER[end])
    except (OSError, ValueError) as error:
        raise not_exact("figure", str(error), path, 'convert it with `.convert("RGB")`') from error
    return buffer.getvalue()


def _open(path: Path) -> Any:
    pillow = need("PIL.Image", extra="plots", why="the figure format")
    try:
        with pillow.open(path, formats=("PNG", "JPEG")) as image:
            return image.copy()  # reads it all, and lets go of the file
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's parsers raise each of them
        raise not_readable("figure", path, error) from error
