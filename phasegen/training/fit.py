"""Fitting with Lightning: checkpoints every epoch, exact resume, early stopping."""

import warnings
from pathlib import Path

import torch
from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint, TQDMProgressBar
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from phasegen.device import use_device
from phasegen.settings import Training
from phasegen.training.history import History


def fit(
    task: LightningModule,
    train: Dataset,
    validation: Dataset,
    training: Training,
    seed: int,
    folder: Path,
) -> History:
    """Fit ``task`` and leave it with the weights of its best epoch.

    ``folder`` holds the checkpoints. If it holds one, the run goes on from there and ends
    bit-identical to one that was never stopped; so the folder's name must change with
    anything that changes the result.
    """
    history = History()
    best = ModelCheckpoint(
        folder,
        filename="best",
        monitor="validation_loss",
        save_last=True,
        enable_version_counter=False,
        save_on_train_epoch_end=True,
    )
    stop = EarlyStopping(
        "validation_loss", patience=training.patience, check_on_train_epoch_end=True
    )
    trainer = Trainer(
        accelerator=use_device(training.device).type,
        max_epochs=training.epochs,
        gradient_clip_val=training.clip,
        # The history is first, so that every checkpoint holds the row of its own epoch.
        callbacks=[history, stop, best, TQDMProgressBar(refresh_rate=10)],
        logger=False,
        num_sanity_val_steps=0,
        enable_model_summary=False,
    )
    last = folder / "last.ckpt"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not have many workers")
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
        trainer.fit(
            task,
            train_dataloaders=_loader(train, training, seed, shuffle=True),
            val_dataloaders=_loader(validation, training, seed, shuffle=False),
            ckpt_path=last if last.is_file() else None,
            weights_only=True,
        )
    state = torch.load(best.best_model_path, weights_only=True, map_location="cpu")
    task.load_state_dict(state["state_dict"])
    return history


def _loader(data: Dataset, training: Training, seed: int, shuffle: bool) -> DataLoader:
    # This sampler's order follows from (seed, epoch); Lightning tells it the epoch.
    sampler = DistributedSampler(data, num_replicas=1, rank=0, shuffle=shuffle, seed=seed)
    return DataLoader(data, batch_size=training.batch, sampler=sampler)
