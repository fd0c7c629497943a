"""Curve of a training run."""

from pathlib import Path

import pandas as pd

from phasegen.report.canvas import canvas, save


def loss_curve(history: pd.DataFrame, path: Path) -> None:
    """Training and validation loss against the epoch; the best epoch is marked."""
    figure = canvas(6, 3.6)
    axis = figure.subplots()
    axis.plot(history["epoch"], history["train_loss"], label="training", color="tab:blue")
    axis.plot(history["epoch"], history["validation_loss"], label="validation", color="tab:orange")
    best = history.loc[history["validation_loss"].idxmin()]
    axis.plot(best["epoch"], best["validation_loss"], "o", color="black", label="kept")
    axis.set(xlabel="epoch", ylabel="loss: error of the predicted noise", yscale="log")
    axis.legend(frameon=False)
    figure.tight_layout()
    save(figure, path)
