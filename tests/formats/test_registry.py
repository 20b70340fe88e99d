"""Which format a file has."""

from __future__ import annotations

import subprocess
import sys

import pytest

import daicho.formats
from daicho.errors import DeclarationError
from daicho.formats import by_name, for_file, names


def test_public_names() -> None:
    """The package shows these."""
    expected = ["Format", "by_name", "for_file", "names", "register_format", "registered"]
    assert expected == sorted(daicho.formats.__all__)


def test_all_formats() -> None:
    """These are the formats, in the order of help."""
    tables = ("csv", "parquet", "feather", "polars", "arrow")
    plain = ("json", "jsonl", "toml", "yaml", "text", "bytes", "html")
    numbers = ("npy", "npz", "safetensors", "pt", "skops", "mlflow")
    others = ("figure", "plotly", "pickle", "joblib", "folder")
    assert (*tables, *plain, *numbers, *others) == names()


def test_every_format_owns_the_suffixes_that_the_table_gives_it() -> None:
    """What a format says of itself and what the registry's table says is the same."""
    from daicho.formats._registry import _BY_SUFFIX

    said = {end: name for name in names() for end in by_name(name).suffixes}
    assert said == dict(_BY_SUFFIX)


def test_few_formats_run_code() -> None:
    """No other format runs what a file holds."""
    assert ["mlflow", "pickle", "joblib"] == [name for name in names() if by_name(name).runs_code]


def test_few_formats_do_not_repeat() -> None:
    """All others write the same bytes for the same value."""
    assert ["pt", "mlflow", "pickle", "joblib"] == [name for name in names() if not by_name(name).repeats]


def test_few_formats_are_folders() -> None:
    """All others write a file."""
    assert ["mlflow", "folder"] == [name for name in names() if by_name(name).folder]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("train.csv", "csv"),
        ("TRAIN.CSV", "csv"),
        ("a.csv.parquet", "parquet"),
        ("report.md", "text"),
        ("plots/loss.jpeg", "figure"),
        ("loss.plotly.json", "plotly"),
        ("page.HTM", "html"),
        ("data/", "folder"),
        ("data.csv/", "folder"),
    ],
)
def test_a_name_says_the_format(file: str, name: str) -> None:
    """The end of a file's name decides, in any case; "/" means a folder."""
    assert name == for_file(file).name


def test_the_asked_format_wins() -> None:
    """A format that was named decides alone."""
    assert "text" == for_file("train.csv", "text").name
    assert "text" == for_file("page.html", "text").name


def test_an_unknown_end_is_refused_with_what_was_meant() -> None:
    """The error names the file, what it is close to, and what there is."""
    with pytest.raises(DeclarationError, match="no format fits the file `model.skop`") as caught:
        for_file("model.skop")
    assert "did you mean `model.skops`?" == caught.value.hints[0]
    assert ".parquet" in caught.value.hints[1]


@pytest.mark.parametrize("file", ["Makefile", "model.bin", ""])
def test_a_name_that_says_nothing_is_refused(file: str) -> None:
    """Nothing is guessed where no end of a name fits."""
    with pytest.raises(DeclarationError, match=f"no format fits the file `{file}`"):
        for_file(file)


def test_an_unknown_format_is_refused_with_what_was_meant() -> None:
    """The error names what there is."""
    with pytest.raises(DeclarationError, match="there is no format `parket`") as caught:
        for_file("a.csv", "parket")
    assert "did you mean `parquet`?" == caught.value.hints[0]


@pytest.mark.parametrize(
    ("file", "name"), [("model.pkl", "pickle"), ("model.Pickle", "pickle"), ("model.joblib", "joblib")]
)
def test_what_runs_code_must_be_asked_for(file: str, name: str) -> None:
    """A name alone never brings it: the hint says how to ask, what that means, and what else there is."""
    with pytest.raises(DeclarationError, match=f"`{file}` looks like a {name} file") as caught:
        for_file(file)
    ask, instead = caught.value.hints
    assert f'format="{name}"' in ask
    assert "runs code" in ask
    assert ".skops" in instead
    assert name == for_file(file, name).name


def test_importing_formats_brings_no_heavy_library() -> None:
    """Neither the package nor asking for each format imports what only saving and loading need."""
    tables = "'pandas', 'numpy', 'pyarrow', 'polars', 'yaml', 'tomli_w'"
    heavy = f"{{{tables}, 'sklearn', 'skops', 'matplotlib', 'PIL', 'scipy', 'mlflow', 'plotly', 'joblib'}}"
    script = (
        "import sys; from daicho.formats import by_name, names; [by_name(name) for name in names()];"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout


@pytest.mark.parametrize(
    ("file", "module", "extra"),
    [
        ("a.csv", "pandas", "tables"),
        ("a.parquet", "pyarrow", "tables"),
        ("a.npy", "numpy", "tables"),
        ("a.skops", "skops", "sklearn"),
        ("a.png", "PIL", "plots"),
        ("a.feather", "pyarrow", "tables"),
        ("a.yaml", "yaml", "yaml"),
        ("a.safetensors", "safetensors", "safetensors"),
        ("a.pt", "torch", "torch"),
        ("a.plotly.json", "plotly", "plotly"),
    ],
)
def test_a_missing_library_is_named_with_its_extra(file: str, module: str, extra: str) -> None:
    """Where the library is not installed, the error says which, and how to get it."""
    script = f"""
import sys, importlib.abc, pathlib
class Gone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Gone())
from daicho.formats import for_file
from daicho.errors import MissingExtraError
try:
    for_file({file!r}).load(pathlib.Path({file!r}))
except MissingExtraError as error:
    print(error.message, error.hints[0])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert f"`{module}`, which is not installed" in done.stdout
    assert f"pip install 'daicho[{extra}]'" in done.stdout
