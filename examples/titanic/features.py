"""From a passenger list to the table that a model sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SYNONYMS = {"Mlle": "Miss", "Ms": "Miss", "Mme": "Mrs", "Lady": "Mrs", "Dona": "Mrs"}
COMMON = ["Mr", "Mrs", "Miss", "Master"]


def build(passengers: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Add Title and FamilySize, and fill in what is missing.

    What is filled in is learned from `reference`, the training list: the median age of a title, the
    median fare of a class, the commonest port.
    """
    title = titles(passengers)
    age_of_title = reference["Age"].groupby(titles(reference)).median()
    fare_of_class = reference["Fare"].groupby(reference["Pclass"]).median()
    return passengers.assign(
        Title=title,
        FamilySize=passengers["SibSp"] + passengers["Parch"] + 1,
        Age=passengers["Age"].fillna(title.map(age_of_title)),
        Fare=passengers["Fare"].fillna(passengers["Pclass"].map(fare_of_class)),
        Embarked=passengers["Embarked"].fillna(reference["Embarked"].mode()[0]),
    )


def titles(passengers: pd.DataFrame) -> pd.Series:
    """The title in each name ("Connolly, Miss. Kate": Miss); the rare ones count as one, "rare"."""
    title = passengers["Name"].str.extract(r", ([^.]+)\.", expand=False).replace(SYNONYMS)
    return title.where(title.isin(COMMON), "rare")


def inputs(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that a model may see: all but who it is and what became of them."""
    return table.drop(columns=["PassengerId", "Survived"], errors="ignore")
