"""Fitting with Lightning: checkpoints every epoch, exact resume, early stopping."""

import logging
import pickle
import warnings
from functools import partial
from pathlib import Path

import torch
from pytorch_lightning import LightningDataModule, LightningModule, Trainer
from pytorch_lightning.callbacks import (
    EarlyStopping,
    ModelCheckpoint,
    TQDMProgressBar,
    WeightAveraging,
)
from pytorch_lightning.plugins import TorchCheckpointIO
from pytorch_lightning.plugins.environments import LightningEnvironment
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from phasegen.data.loading import damage_in_one_line, reading
from phasegen.device import halving, take_gpus
from phasegen.paths import whole_file
from phasegen.precision import warn_of_emulation
from phasegen.settings import Training
from phasegen.training.history import History
from phasegen.training.pace import Pace

logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)

PRECISION = {"float32": "32-true", "bfloat16": "bf16-mixed"}

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


class Patience(EarlyStopping):
    """Ends a run, and ends it again if it was killed before its weights were written."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        trainer.should_stop = self.wait_count >= self.patience


class Loaders(LightningDataModule):
    """Batches of each process; their order follows from (seed, epoch), told by Lightning."""

    def __init__(
        self, train: Dataset, validation: Dataset, batch: int, workers: int, seed: int
    ) -> None:
        super().__init__()
        self.train, self.validation = train, validation
        self.batch, self.workers, self.seed = batch, workers, seed

    def train_dataloader(self) -> DataLoader:
        return self._loader(self.train, shuffle=True)

    def val_dataloader(self) -> DataLoader:
        return self._loader(self.validation, shuffle=False)

    def _loader(self, data: Dataset, shuffle: bool) -> DataLoader:
        share = {"num_replicas": self.trainer.world_size, "rank": self.trainer.global_rank}
        sampler = DistributedSampler(data, shuffle=shuffle, seed=self.seed, **share)
        return DataLoader(
            data,
            batch_size=self.batch,
            sampler=sampler,
            **reading(self.workers),
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

    Where a GPU has no memory for a batch, the run begins anew with batches in two parts, or four
    and so on, whose gradients are averaged: a step still sees as many slices, but batch
    normalisation and random numbers are those of the parts. Such a run has a folder of its own
    beside ``folder``, so that no run is ever of both kinds, and its history says so.
    """
    start = {name: value.clone() for name, value in task.state_dict().items()}

    def attempt(together: int) -> History:
        parts = training.batch // together
        task.train().load_state_dict(start)
        loaders = Loaders(train, validation, together, training.workers, seed)
        own = folder if parts == 1 else folder.with_name(f"{folder.name}-in-{parts}")
        history = _fit(task, loaders, training, own)
        history.parts = parts
        return history

    return halving(training.batch, attempt)


def _fit(task: LightningModule, loaders: Loaders, training: Training, folder: Path) -> History:
    stop = Patience("validation_loss", patience=training.patience, check_on_train_epoch_end=True)
    every_epoch = {"enable_version_counter": False, "save_on_train_epoch_end": True}
    best = Checkpoint(folder, filename="best", monitor="validation_loss", **every_epoch)
    # Not save_last of the one above: that is written only when the loss got better.
    last = Checkpoint(folder, filename="last", **every_epoch)
    # Lightning's own EMA cannot be sent to other processes.
    average = [WeightAveraging(avg_fn=partial(_moving_average, training.average))]
    warn_of_emulation(training.precision, training.device)
    trainer = Trainer(
        accelerator=training.device,
        devices=_devices(training),
        strategy="ddp_spawn" if training.devices > 1 else "auto",
        precision=PRECISION[training.precision],
        max_epochs=training.epochs,
        accumulate_grad_batches=training.batch // loaders.batch,
        gradient_clip_val=training.clip,
        # In this order every checkpoint holds the row of its own epoch, and the last the best.
        callbacks=[
            *(average if training.average else []),
            History(),
            stop,
            best,
            last,
            TQDMProgressBar(refresh_rate=10),
            Pace(),
        ],
        # Processes are ours alone to start: Lightning would take those of SLURM for its own.
        plugins=[WholeFiles(), LightningEnvironment()],
        logger=False,
        num_sanity_val_steps=0,
        enable_model_summary=False,
    )
    with warnings.catch_warnings(), damage_in_one_line():
        warnings.filterwarnings("ignore", message=".*does not have many workers")
        warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
        # Said on every machine that has a SLURM, of a training that is no task of it.
        warnings.filterwarnings("ignore", message="The `srun` command is available")
        trainer.fit(
            task,
            datamodule=loaders,
            ckpt_path=resume_point(folder),
            weights_only=True,
        )
    # From the files, since with several devices the run was in other processes.
    task.load_state_dict(_read(folder / "best.ckpt")["state_dict"])
    history = History()
    history.load_state_dict(_read(folder / "last.ckpt")["callbacks"]["History"])
    return history


def _devices(training: Training) -> int | list[int]:
    """How many processes, or the numbers of the GPUs."""
    if training.device == "cpu":
        return training.devices
    return take_gpus(training.devices, "training.device")


def _moving_average(
    decay: float, average: torch.Tensor, current: torch.Tensor, count: torch.Tensor
) -> torch.Tensor:
    """Over fewer steps while there are few, or a short run would end with what it began with."""
    decay = min(decay, (1 + int(count)) / (10 + int(count)))
    return decay * average + (1 - decay) * current


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
        return _read(checkpoint)["epoch"] + 1
    except DAMAGE as error:
        reason = str(error).partition("\n")[0]
        logging.warning("%s is damaged and left out: %s", checkpoint, reason)
        return None


def _read(checkpoint: Path) -> dict:
    return torch.load(checkpoint, weights_only=True, map_location="cpu")
