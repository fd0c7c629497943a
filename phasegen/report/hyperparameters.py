"""Tables A2 and A3 of the paper: what the networks of the tasks were fitted with."""

from collections.abc import Mapping, Sequence

import pandas as pd

from phasegen.report.grid import NONE, PAPER, Section, section_of
from phasegen.settings import ReconstructionModel, TaskModel

ROWS = {
    "learning_rate": "Learning Rate",
    "batch": "Batch Size",
    "dropout": "Dropout",
    "epochs": "Epochs",
    "decay": "Noise Scheduler",
    "activation": "Activation function",
    "optimizer": "Optimizer",
    "complex_weights": "# Parameters",
    "best_epoch": "Best epoch",
    "domain": "Domain of convolutions",
    "real_parameters": "# Real numbers",
}
"""What a row is called, as the paper does where it has one."""

ARMS = {"none": "No Phase", "naive": "Naive", "phasegen": "PhaseGen"}
"""The paper's columns."""

NAMES = {"adam": "Adam", "adamw": "AdamW", "relu": "ReLU", "prelu": "PReLU", "kspace": "k-space"}
NOTE = (
    "As the files of the trained networks have it (number 1 of each arm). Noise Scheduler, as the paper "
    "calls it: factor on the learning rate after every epoch. # Parameters: complex weights, one each. "
    "Best epoch: the one that was kept, counted from 0."
)
CHOSEN = " (chosen): by the search, on validation subjects."


def fitted_with(model: TaskModel) -> dict[str, str]:
    """Hyperparameters of a network, as texts by the keys of `ROWS`."""
    training, network = model.training, model.network
    is_reconstruction = isinstance(model, ReconstructionModel)
    return {
        "learning_rate": f"{training.learning_rate:g}",
        "batch": str(training.batch),
        "dropout": f"{network.dropout:g}",
        "epochs": str(training.epochs),
        "decay": f"Exponential, {training.decay:g}",
        "activation": NAMES[network.activation if is_reconstruction else "prelu"],
        "optimizer": NAMES[training.optimizer],
        "domain": NAMES.get(network.domain, network.domain),
    }


def hyperparameter_rows(
    names: Mapping[str, object],
    values: Mapping[str, str],
    searched: Sequence[str],
    paper: pd.DataFrame,
) -> pd.DataFrame:
    """One row for each hyperparameter of an arm.

    Args:
        names: arm, and what else tells a network from others.
        values: by the keys of `ROWS`.
        searched: keys of those that a search chose.
        paper: rows of one table of `resources/paper_appendix.csv`.

    Returns:
        ``names``; hyperparameter, value, chosen (bool), paper, empty where the paper says nothing.
    """
    printed = paper.set_index(["row", "column"])["value"]
    column = ARMS.get(str(names["arm"]), "")
    return pd.DataFrame(
        [
            dict(names)
            | {
                "hyperparameter": title,
                "value": values[key],
                "chosen": key in searched,
                "paper": printed.get((title, column), ""),
            }
            for key, title in ROWS.items()
        ]
    )


def hyperparameter_sections(table: pd.DataFrame, task: str) -> list[Section]:
    """A column for each arm, the paper's beside it; a section for each model and factor.

    Args:
        table: rows as from `hyperparameter_rows`, of all arms.
        task: what the networks do.
    """
    keys = [name for name in ("model", "factor") if name in table]
    parts = table.groupby(keys, sort=False) if keys else [((), table)]
    note = NOTE + (CHOSEN if table["chosen"].any() else "")
    sections = []
    for names, part in parts:
        told = [f"{key} {name}" for key, name in zip(keys, names, strict=True)]
        columns = [("hyperparameter", list(ROWS.values())), *_columns(part)]
        sections.append(section_of(", ".join([task, *told]), columns, note))
    return sections


def _columns(part: pd.DataFrame) -> list[tuple[str, list[str]]]:
    columns = []
    for arm, own in part.groupby("arm", sort=False):
        pairs = zip(own["value"], own["chosen"], strict=True)
        columns.append((str(arm), [f"{value} (chosen)" if by else value for value, by in pairs]))
        if (own["paper"] != "").any():
            columns.append((PAPER, [value or NONE for value in own["paper"]]))
    return columns
