"""The page of a comparison: self-contained, and what is in it is text, whatever it says."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from daicho.cli.printer import portable
from daicho.compare import Comparison
from daicho.html import comparison_page
from tests.cli import compared
from tests.support.environment import require


class Page(HTMLParser):
    """What a browser would see of a page: its elements and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def page(found: Comparison) -> str:
    """The page of a comparison."""
    return comparison_page(portable(found.to_json()))


@pytest.mark.parametrize("found", [compared.comparison(), compared.three()], ids=["two", "three"])
def test_it_is_one_file(found: Comparison) -> None:
    """It asks the network for nothing, runs nothing, and every element that is opened is closed."""
    text = page(found)
    seen = Page(text)
    assert [] == seen.open
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(tag for tag, _ in seen.tags)
    assert all(not attributes.keys() & {"src", "onclick", "style"} for _, attributes in seen.tags)
    assert all(str(attributes["href"]).startswith("#") for _, attributes in seen.tags if "href" in attributes)
    assert not re.search(r"url\(|@import|https?:", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_markup_is_text() -> None:
    """Markup in names and values is shown, not obeyed; signs that turn the direction of writing are taken out."""
    text = page(compared.comparison())
    assert "<script" not in text
    assert compared.EVIL in Page(text).text
    turned = Comparison((compared.side("a\u202eb"), compared.side("c")))
    assert "\u202e" not in page(turned)


def test_everything_is_there() -> None:
    """Each cause and each effect is on the page, with its numbers; links lead to parts that there are."""
    seen = Page(page(compared.comparison()))
    for expected in (
        "calm-harbour-41", "Trainer.alpha", "tasks:Trainer", "+    return 2", "input/train.csv", "numpy", "3.12.1",
        "+0.018 better", "+0.05 worse", "12 of 418 rows differ", "row 9, Survived: 1 -> 0", "12 definitions", "NaN",
        "with local changes", "the text of 1 definition",
    ):  # fmt: skip
        assert expected in seen.text, expected
    anchors = {str(attributes["id"]) for _, attributes in seen.tags if "id" in attributes}
    assert {f"#{each}" for each in anchors} == {str(a["href"]) for _, a in seen.tags if "href" in a}
    same = Page(page(Comparison((compared.side("a"), compared.side("b")))))
    assert "Nothing differs." in same.text


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["0", "1"], ids=["dark", "light"])
def test_a_browser_draws_it(scheme: str, tmp_path: Path) -> None:
    """In a browser it is dark where the reader's screen is, and light where that is."""
    image = pytest.importorskip("PIL.Image")
    (tmp_path / "page.html").write_text(page(compared.comparison()), encoding="utf-8")
    picture = tmp_path / "page.png"
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=800,600")
    subprocess.run(
        [
            *(require("chromium"), *flags, f"--user-data-dir={tmp_path / 'profile'}"),
            *(f"--blink-settings=preferredColorScheme={scheme}", f"--screenshot={picture}"),
            (tmp_path / "page.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with image.open(picture) as drawn:
        corner = drawn.convert("L").getpixel((2, 2))
    assert (corner < 60) == (scheme == "0")
