"""The model: logistic regressions on pairs of features, each fitted to a resampled passenger list, averaged.

It holds nothing but what skops loads without being told to trust it, so no code runs when it is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import features

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


def build(inputs: pd.DataFrame, members: int, strength: float, seed: int) -> Pipeline:
    """Make the model for the columns of `inputs`, not fitted yet.

    `members` is how many regressions are averaged, `strength` scikit-learn's C (small: simpler), and
    `seed` chooses the passengers that each member sees.
    """
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import BaggingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

    numbers = list(inputs.select_dtypes("number").columns)
    words = [name for name in inputs.columns if name not in numbers]
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
        (StandardScaler(), numbers),
    )
    member = LogisticRegression(C=strength, max_iter=1000)
    bagging = BaggingClassifier(member, n_estimators=members, random_state=seed)
    return make_pipeline(columns, PolynomialFeatures(include_bias=False), bagging)


def predict(model: Pipeline, table: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """PassengerId, Survived (0 or 1) and Probability for each passenger of `table`."""
    probability = model.predict_proba(features.inputs(table))[:, 1]
    survived = (probability >= threshold).astype(int)
    return table[["PassengerId"]].assign(Survived=survived, Probability=probability)
