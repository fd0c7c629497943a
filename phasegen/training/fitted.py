"""What all fitted models share: optimiser, rate of learning, random streams, a check of the loss."""

import torch
from pytorch_lightning import LightningModule

from phasegen.errors import UserError
from phasegen.seeds import integer
from phasegen.settings import Fitting


class NonFiniteLoss(UserError):
    """A loss that is NaN or infinite; the last checkpoint is from before it."""


class Fitted(LightningModule):
    """A model under training; every random number comes from (seed, epoch, batch)."""

    def __init__(self, training: Fitting, seed: int) -> None:
        super().__init__()
        self.training_settings = training
        self.seed = seed

    def setup(self, stage: str) -> None:
        # Here, since with several devices this is another process.
        torch.set_num_threads(self.training_settings.threads)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        training = self.training_settings
        optimizer = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[training.optimizer]
        return optimizer(
            self.parameters(), lr=training.learning_rate, betas=training.betas, eps=1e-8
        )

    def on_train_epoch_start(self) -> None:
        # It follows from the epoch alone, so a resumed run needs no state for it.
        training = self.training_settings
        for group in self.optimizers().param_groups:
            group["lr"] = training.learning_rate * training.decay**self.current_epoch

    def place(self, number: int) -> tuple[int, int, int]:
        """Names of the random streams of a batch; dropout's begins here."""
        # Per batch, since Lightning draws from torch's stream when it starts an epoch.
        place = (self.current_epoch, number, self.global_rank)
        torch.manual_seed(integer(self.seed, "dropout", *place))
        return place

    def log_train(self, loss: torch.Tensor, slices: int) -> torch.Tensor:
        """Note the loss of a training step.

        Raises:
            NonFiniteLoss: it is no number.
        """
        if not torch.isfinite(loss):
            raise NonFiniteLoss(
                f"the loss is {loss.item()} in epoch {self.current_epoch}; "
                "lower training.learning_rate of the model and run again"
            )
        options = {"on_step": False, "on_epoch": True, "sync_dist": True}
        self.log("train_loss", loss, batch_size=slices, **options)
        return loss

    def log_validation(self, loss: torch.Tensor, slices: int) -> None:
        """Note the loss of a validation step."""
        self.log("validation_loss", loss, batch_size=slices, sync_dist=True)
