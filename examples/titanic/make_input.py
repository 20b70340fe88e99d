"""Make input/*.csv from the passenger list that scikit-learn carries among its test data (see DATA.md).

Run it as `python make_input.py`; the same list gives the same bytes, on every machine and Python.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from importlib.resources import files
from pathlib import Path

SOURCE = "datasets/tests/data/openml/id_40945/data-v1-dl-16826755.arff.gz"
TEST_PASSENGERS = 418
COLUMNS = [
    "PassengerId", "Survived", "Pclass", "Name", "Sex", "Age",
    "SibSp", "Parch", "Ticket", "Fare", "Cabin", "Embarked",
]  # fmt: skip

Passenger = dict[str, str]


def read_passengers() -> list[Passenger]:
    """Read the list, each value as the text that stands there, what is unknown as empty text."""
    text = gzip.decompress(files("sklearn").joinpath(SOURCE).read_bytes()).decode()
    header, rows = text.split("@data\n")
    names = [line.split("'")[1] for line in header.splitlines() if line.startswith("@attribute")]
    wanted = [(column, names.index(column.lower())) for column in COLUMNS if column != "PassengerId"]
    return [
        {column: "" if row[place] == "?" else row[place] for column, place in wanted}
        for row in csv.reader(rows.splitlines())
    ]


def split(passengers: list[Passenger]) -> tuple[list[Passenger], list[Passenger]]:
    """Split into train and test so that fate, sex and class keep their shares.

    Passengers are ordered by those three and then by a digest that takes the place of chance; every
    third or so of that order goes to test. No random generator has to stay the same for years.
    """
    groups = sorted(passengers, key=lambda p: (p["Survived"], p["Sex"], p["Pclass"], _lot(p)))
    train: list[Passenger] = []
    test: list[Passenger] = []
    for i, passenger in enumerate(groups):
        drawn = (i + 1) * TEST_PASSENGERS // len(groups) > i * TEST_PASSENGERS // len(groups)
        (test if drawn else train).append(passenger)
    return sorted(train, key=_lot), sorted(test, key=_lot)


def _lot(passenger: Passenger) -> str:
    return hashlib.sha256(f"{passenger['Name']}|{passenger['Ticket']}".encode()).hexdigest()


def write_input(folder: Path) -> None:
    """Write train.csv, test.csv (without Survived) and test_labels.csv into `folder`."""
    train, test = split(read_passengers())
    for number, passenger in enumerate(train + test, start=1):
        passenger["PassengerId"] = str(number)
    _write(folder / "train.csv", train, COLUMNS)
    _write(folder / "test.csv", test, [name for name in COLUMNS if name != "Survived"])
    _write(folder / "test_labels.csv", test, ["PassengerId", "Survived"])


def _write(path: Path, passengers: list[Passenger], columns: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(passengers)


if __name__ == "__main__":
    write_input(Path(__file__).parent / "input")
