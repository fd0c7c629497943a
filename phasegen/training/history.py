"""The record of a training run, kept in its checkpoint so that a resumed run has it whole."""

import pandas as pd
from pytorch_lightning import Callback, LightningModule, Trainer


class History(Callback):
    """One row per epoch: epoch, learning_rate, train_loss, validation_loss.

    ``parts``: in how many parts the GPU had memory for a batch.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.parts = 1

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        losses = {name: trainer.callback_metrics[name].item() for name in LOSSES}
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        self.rows.append({"epoch": trainer.current_epoch, "learning_rate": rate, **losses})

    def state_dict(self) -> dict:
        return {"rows": self.rows}

    def load_state_dict(self, state: dict) -> None:
        self.rows = list(state["rows"])

    def facts(self) -> dict:
        """What is told of the training beside its weights."""
        best = min(self.rows, key=lambda row: row["validation_loss"])
        return {"best": best} | ({"batch_in_parts": self.parts} if self.parts > 1 else {})

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows)


LOSSES = ("train_loss", "validation_loss")
