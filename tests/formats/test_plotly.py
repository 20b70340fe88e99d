"""plotly: an interactive figure, as it is drawn."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy
import plotly.graph_objects as graphs
import pytest

from daicho.errors import FormatError
from daicho.formats import by_name, for_file
from tests.formats.conformance import RepeatingConformance


class TestPlotly(RepeatingConformance):
    """plotly keeps the promises of a format."""

    name = "plotly"
    file = "loss.plotly.json"
    wrong = {"data": []}

    def values(self) -> list[Any]:
        day = datetime.date(2020, 1, 1)
        return [
            graphs.Figure(graphs.Scatter(x=numpy.arange(3), y=[1, None, float("nan")], text=["é"] * 3)),
            graphs.Figure(graphs.Bar(x=[day], y=[1.5]), layout={"title": {"text": "損失"}}),
            graphs.Figure(),
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        drawn = [json.loads(figure.to_json()) for figure in (saved, loaded)]
        return type(saved) is type(loaded) and drawn[0] == drawn[1]


def test_its_name_is_not_taken_for_plain_json() -> None:
    """The longest end of a name decides."""
    assert "plotly" == for_file("loss.plotly.json").name
    assert "json" == for_file("plotly.json").name


@pytest.mark.parametrize("text", ["[1]", '{"data": [{"type": "nope"}]}'])
def test_json_that_is_no_figure_is_refused(tmp_path: Path, text: str) -> None:
    """The error says so once."""
    (tmp_path / "a.plotly.json").write_text(text)
    with pytest.raises(FormatError, match="`a.plotly.json` cannot be read as plotly: ") as caught:
        by_name("plotly").load(tmp_path / "a.plotly.json")
    assert 1 == str(caught.value).count("cannot be read")
