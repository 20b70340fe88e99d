"""figure: a picture, with the same bytes for the same picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy
import pytest
from matplotlib.figure import Figure
from PIL import Image

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance

FIGURE = by_name("figure")


def plot() -> Figure:
    """A figure with what tends to make bytes differ: markers, hatches, clips, an image, a formula."""
    figure = Figure(figsize=(2, 2))
    axes = figure.subplots()
    axes.plot([1, 2, 3], marker="o", label="é")
    axes.fill_between([0, 1], [1, 2], hatch="/")
    axes.imshow(numpy.eye(3), extent=(0, 1, 0, 1))
    axes.set_title("$x^2$")
    axes.legend()
    return figure


def pixels(mode: str = "RGB") -> Image.Image:
    """An image whose pixels all differ."""
    return Image.fromarray(numpy.arange(192, dtype="uint8").reshape(8, 8, 3)).convert(mode)


class PictureConformance(RepeatingConformance):
    """What is kept is how it looks: there is an equal value for images of pixels alone."""

    name = "figure"

    def values(self) -> list[Any]:
        return [plot()]

    def test_values_come_back_equal(self, tmp_path: Path) -> None:
        """A figure comes back as its picture."""
        FIGURE.save(plot(), tmp_path / self.file)
        assert isinstance(FIGURE.load(tmp_path / self.file), str | bytes | Image.Image)

    def test_what_came_back_can_be_saved_again(self, tmp_path: Path) -> None:
        """Pixels can; a drawing of lines is text or bytes by then."""
        FIGURE.save(plot(), tmp_path / self.file)
        loaded = FIGURE.load(tmp_path / self.file)
        if isinstance(loaded, Image.Image):
            FIGURE.save(loaded, tmp_path / f"2{self.file}")
            assert loaded.size == FIGURE.load(tmp_path / f"2{self.file}").size

    def test_says_nothing_of_when_and_by_what_it_was_made(self, tmp_path: Path) -> None:
        """No version of a program is in the bytes."""
        FIGURE.save(plot(), tmp_path / self.file)
        assert matplotlib.__version__.encode() not in (tmp_path / self.file).read_bytes()


class TestPng(PictureConformance):
    """png keeps the promises of a format."""

    file = "loss.png"


class TestSvg(PictureConformance):
    """svg keeps the promises of a format."""

    file = "loss.svg"


class TestPdf(PictureConformance):
    """pdf keeps the promises of a format."""

    file = "loss.pdf"


class TestJpeg(PictureConformance):
    """jpeg keeps the promises of a format."""

    file = "loss.jpeg"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "P"])
def test_pixels_come_back_equal(tmp_path: Path, mode: str) -> None:
    """A PNG loses nothing."""
    FIGURE.save(pixels(mode), tmp_path / "a.png")
    loaded = FIGURE.load(tmp_path / "a.png")
    assert (mode, pixels(mode).tobytes()) == (loaded.mode, loaded.tobytes())


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3), (4, 6, 4)])
def test_an_array_of_pixels_is_a_picture(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Grey, RGB and RGBA come back as an image of the same pixels."""
    array = numpy.arange(numpy.prod(shape), dtype="uint8").reshape(shape)
    FIGURE.save(array, tmp_path / "a.png")
    assert numpy.array_equal(array, numpy.asarray(FIGURE.load(tmp_path / "a.png")))


def test_axes_stand_for_their_figure(tmp_path: Path) -> None:
    """So do the axes of a figure within a figure."""
    figure = Figure(figsize=(2, 1))
    axes = figure.add_subfigure(figure.add_gridspec(1, 2)[0]).subplots()
    FIGURE.save(figure, tmp_path / "a.png")
    FIGURE.save(axes, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_settings_of_matplotlib_stay_as_they_are(tmp_path: Path) -> None:
    """The user's own settings are neither changed nor lost."""
    before = dict(matplotlib.rcParams)
    FIGURE.save(plot(), tmp_path / "a.svg")
    assert before == dict(matplotlib.rcParams)


def test_a_vector_picture_loads_as_what_it_is(tmp_path: Path) -> None:
    """SVG is text, PDF bytes."""
    FIGURE.save(plot(), tmp_path / "a.svg")
    FIGURE.save(plot(), tmp_path / "a.pdf")
    assert "</svg>" in FIGURE.load(tmp_path / "a.svg")
    assert FIGURE.load(tmp_path / "a.pdf").startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("file", "value", "why", "hint"),
    [
        ("a.pdf", pixels(), "an image of pixels does not become a `.pdf` file", ".png"),
        ("a.jpg", pixels("RGBA"), "cannot write mode RGBA as JPEG", "convert"),
        ("a.png", numpy.zeros((2, 2)), "not a ndarray", "uint8 of shape .*; this is float64"),
        ("a.png", numpy.zeros((2, 2, 5), "uint8"), "not a ndarray", r"of shape \(2, 2, 5\)"),
        ("a.tiff", plot(), "`a.tiff` does not say what kind of picture it is", ".png"),
    ],
)
def test_what_makes_no_picture_is_refused(tmp_path: Path, file: str, value: Any, why: str, hint: str) -> None:
    """The error says why and what would."""
    with pytest.raises(FormatError, match=f"{why}(?s:.*){hint}"):
        FIGURE.save(value, tmp_path / file)
    assert [] == list(tmp_path.iterdir())


def test_a_formula_that_is_none_is_refused(tmp_path: Path) -> None:
    """What matplotlib says of it is said."""
    figure = plot()
    figure.suptitle(r"$\frac$")
    with pytest.raises(FormatError, match="figure cannot keep this value: .*frac"):
        FIGURE.save(figure, tmp_path / "a.png")


def test_a_cut_picture_is_refused(tmp_path: Path) -> None:
    """Half a picture is none."""
    FIGURE.save(plot(), tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:500])
    with pytest.raises(FormatError, match="`a.png` cannot be read as figure: image file is truncated"):
        FIGURE.load(tmp_path / "a.png")
