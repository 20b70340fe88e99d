"""How good the model is: scores as plain numbers and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import features

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


def cross_validate(
    model: Pipeline, inputs: pd.DataFrame, survived: pd.Series, folds: int, seed: int
) -> dict[str, float]:
    """Mean and spread of the accuracy over `folds` parts of the list, each predicted from the others."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    accuracy = cross_val_score(model, inputs, survived, cv=parts)
    return {"cv_accuracy": float(accuracy.mean()), "cv_accuracy_std": float(accuracy.std())}


def outcome(predicted: pd.DataFrame, passengers: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Put side by side what was predicted of each passenger, who it was, and what happened (Survived)."""
    table = predicted.rename(columns={"Survived": "Predicted"})
    table = table.merge(passengers, on="PassengerId", validate="one_to_one")
    return table.merge(labels, on="PassengerId", validate="one_to_one")


def scores(outcome: pd.DataFrame) -> dict[str, float]:
    """Accuracy, F1 and ROC AUC; and the accuracy of the guess to beat, that all women survive and no man."""
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    survived = outcome["Survived"]
    return {
        "accuracy": float(accuracy_score(survived, outcome["Predicted"])),
        "f1": float(f1_score(survived, outcome["Predicted"])),
        "roc_auc": float(roc_auc_score(survived, outcome["Probability"])),
        "baseline_accuracy": float(accuracy_score(survived, outcome["Sex"] == "female")),
    }


def score_table(outcome: pd.DataFrame) -> pd.DataFrame:
    """The scores of all passengers, then of each class and sex: how many they are, what share survived."""
    import pandas as pd

    groups = [("all passengers", outcome)]
    groups += [(f"class {number}", group) for number, group in outcome.groupby("Pclass")]
    groups += [(sex, group) for sex, group in outcome.groupby("Sex")]
    rows = [
        {"group": name, "passengers": len(group), "survived": group["Survived"].mean(), **scores(group)}
        for name, group in groups
    ]
    return pd.DataFrame(rows).round(4)


def importance(model: Pipeline, test: pd.DataFrame, survived: pd.Series) -> pd.DataFrame:
    """How much accuracy is lost when one column is shuffled: feature, mean and spread over ten shuffles."""
    import pandas as pd
    from sklearn.inspection import permutation_importance

    inputs = features.inputs(test)
    lost = permutation_importance(model, inputs, survived, n_repeats=10, random_state=0)
    columns = {"feature": inputs.columns, "mean": lost.importances_mean, "spread": lost.importances_std}
    return pd.DataFrame(columns).sort_values("mean", ignore_index=True)
