"""How far a training is, told in its log."""

from pytorch_lightning import Callback, LightningModule, Trainer

from phasegen.progress import Progress


class Pace(Callback):
    """Slices seen, slices per second and the time left, should it not stop early."""

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        self._slices = len(trainer.train_dataloader.dataset)
        epochs = trainer.max_epochs - trainer.current_epoch
        self._progress = Progress("training, all epochs counted", epochs * self._slices)

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        self._progress.add(self._slices)
