"""The pictures, drawn from tables without any global state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NAMES = ["died", "survived"]
BLUE, GREY = "#2a6f97", "#3c444c"


def confusion_matrix(outcome: pd.DataFrame) -> Figure:
    """What was predicted against what happened, in passengers and as a share of what happened."""
    from matplotlib.figure import Figure
    from sklearn.metrics import accuracy_score
    from sklearn.metrics import confusion_matrix as count

    counts = count(outcome["Survived"], outcome["Predicted"])
    shares = counts / counts.sum(axis=1, keepdims=True)
    figure = Figure(figsize=(5.6, 5.2), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        share = shares[row, column]
        style: dict[str, Any] = {"ha": "center", "va": "center", "color": "white" if share > 0.5 else "black"}
        axes.text(column, row - 0.06, f"{counts[row, column]}", size=24, **style)
        axes.text(column, row + 0.16, f"{share:.0%} of those who {NAMES[row]}", size=10, **style)
    axes.set_xticks([0, 1], NAMES)
    axes.set_yticks([0, 1], NAMES, rotation=90, va="center")
    axes.set(xlabel="predicted", ylabel="what happened")
    right = accuracy_score(outcome["Survived"], outcome["Predicted"])
    axes.set_title(f"{right:.1%} of {len(outcome)} held-out passengers predicted right", size=12, pad=12)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def importance(table: pd.DataFrame) -> Figure:
    """A bar for each feature: how much accuracy is lost without it, largest on top."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.2), dpi=120, layout="constrained")
    axes = figure.subplots()
    points, spread = 100 * table["mean"], 100 * table["spread"]
    axes.barh(table["feature"], points, xerr=spread, color=BLUE, ecolor=GREY, height=0.62)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_title("What the prediction rests on", size=12, pad=12)
    axes.set_xlabel("accuracy lost when the column is shuffled, in percentage points")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#d9dee3", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure
