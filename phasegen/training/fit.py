"""Fitting with Lightning: checkpoints every epoch, exact resume, early stopping."""

import logging
import pickle
import warnings
from pathlib import Path

import torch
from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import (
    EarlyStopping,
    EMAWeightAveraging,
    ModelCheckpoint,
    TQDMProgressBar,
)
from pytorch_lightning.plugins import TorchCheckpointIO
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from phasegen.device import use_device
from phasegen.paths import whole_file
from phasegen.settings import Training
from phasegen.training.history import History

logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)

DAMAGE = (OSError, EOFError, RuntimeError, pickle.UnpicklingError)
"""What torch raises on a file that is no whole checkpoint."""


class Checkpoint(ModelCheckpoint):
    """One file in one folder, which may have been moved since it was written."""

    def load_state_dict(self, state: dict) -> None:
        file = str(Path(self.dirpath, f"{self.filename}.ckpt"))
        super().load_state_dict(
            {
                **state,
                "dirpath": self.dirpath,
                "best_model_path": file,
                "kth_best_model_path": file,
                "best_k_models": dict.fromkeys(
                    state["best_k_models"] and [file], state["best_model_score"]
                ),
            }
        )


class WholeFiles(TorchCheckpointIO):
    """Checkpoints that are whole or absent; Lightning's own pass through another file system."""

    def save_checkpoint(
        self, checkpoint: dict, path: str | Path, storage_options: object = None
    ) -> None:
        with whole_file(path) as partial:
            torch.save(checkpoint, partial)


def fit(
    task: LightningModule,
    train: Dataset,
    validation: Dataset,
    training: Training,
    seed: int,
    folder: Path,
) -> History:
    """Fit ``task`` and leave it with the weights of its best epoch.

    ``folder`` holds the checkpoints. If it holds some, the run goes on from there and ends
    bit-identical to one that was never stopped; so the folder's name must change with
    anything that changes the result.
    """
    history = History()
    stop = EarlyStopping(
        "validation_loss", patience=training.patience, check_on_train_epoch_end=True
    )
    every_epoch = {"enable_version_counter": False, "save_on_train_epoch_end": True}
    best = Checkpoint(folder, filename="best", monitor="validation_loss", **every_epoch)
    # Not save_last of the one above: that is written only when the loss got better.
    last = Checkpoint(folder, filename="last", **every_epoch)
    average = [EMAWeightAveraging(decay=training.average)] if training.average else []
    trainer = Trainer(
        accelerator=use_device(training.device).type,
        max_epochs=training.epochs,
        gradient_clip_val=training.clip,
        # In this order every checkpoint holds the row of its own epoch, and the last the best.
        callbacks=[*average, history, stop, best, last, TQDMProgressBar(refresh_rate=10)],
        plugins=[WholeFiles()],
        logger=False,
        num_sanity_val_steps=0,
        enable_model_summary=False,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not have many workers")
        warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
        trainer.fit(
            task,
            train_dataloaders=_loader(train, training, seed, shuffle=True),
            val_dataloaders=_loader(validation, training, seed, shuffle=False),
            ckpt_path=resume_point(folder),
            weights_only=True,
        )
    state = torch.load(folder / "best.ckpt", weights_only=True, map_location="cpu")
    task.load_state_dict(state["state_dict"])
    return history


def resume_point(folder: Path) -> Path | None:
    """The checkpoint to go on from; a damaged one costs its epochs, never the run."""
    # Either holds a whole state, but the end needs the best one.
    best = _epochs(folder / "best.ckpt")
    last = best and _epochs(folder / "last.ckpt")
    if not best:
        return None
    chosen, epochs = ("last", last) if last else ("best", best)
    logging.info("going on after epoch %d", epochs)
    return folder / f"{chosen}.ckpt"


def _epochs(checkpoint: Path) -> int | None:
    """Number of finished epochs in a checkpoint; None if there is no sound one."""
    if not checkpoint.is_file():
        return None
    try:
        return torch.load(checkpoint, weights_only=True, map_location="cpu")["epoch"] + 1
    except DAMAGE as error:
        reason = str(error).partition("\n")[0]
        logging.warning("%s is damaged and left out: %s", checkpoint, reason)
        return None


def _loader(data: Dataset, training: Training, seed: int, shuffle: bool) -> DataLoader:
    # This sampler's order follows from (seed, epoch); Lightning tells it the epoch.
    sampler = DistributedSampler(data, num_replicas=1, rank=0, shuffle=shuffle, seed=seed)
    return DataLoader(data, batch_size=training.batch, sampler=sampler)
