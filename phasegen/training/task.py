"""The phase model as a Lightning module; every random number comes from (seed, epoch, batch)."""

import numpy as np
import torch
from pytorch_lightning import LightningModule

from phasegen.data.slices import ImageSlices
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import FORWARD, velocity
from phasegen.diffusion.schedule import draw_steps
from phasegen.errors import UserError
from phasegen.seeds import generator, integer
from phasegen.settings import PhaseModel
from phasegen.training.augment import augment, rescale, resize

Batch = tuple[torch.Tensor, torch.Tensor]


class NonFiniteLoss(UserError):
    """A loss that is NaN or infinite; the last checkpoint is from before it."""


class PhaseTask(LightningModule):
    """Fits a denoiser to complex images (Rempe et al. 2025, Alg. 1)."""

    def __init__(self, model: PhaseModel, seed: int, validation: ImageSlices) -> None:
        super().__init__()
        self.settings = model
        self.seed = seed
        self.validation = validation
        self.denoiser = Denoiser(model)

    def setup(self, stage: str) -> None:
        # Here, since with several devices this is another process.
        torch.set_num_threads(self.settings.training.threads)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        training = self.settings.training
        return torch.optim.Adam(
            self.parameters(), lr=training.learning_rate, betas=training.betas, eps=1e-8
        )

    def on_train_epoch_start(self) -> None:
        # It follows from the epoch alone, so a resumed run needs no state for it.
        training = self.settings.training
        for group in self.optimizers().param_groups:
            group["lr"] = training.learning_rate * training.decay**self.current_epoch

    def training_step(self, batch: Batch, number: int) -> torch.Tensor:
        # Per batch, since Lightning draws from torch's stream when it starts an epoch.
        place = (self.current_epoch, number, self.global_rank)
        torch.manual_seed(integer(self.seed, "dropout", *place))
        random = generator(self.seed, "training", *place)
        clean = augment(batch[0], self.settings.training, random)
        step = self._draw_steps(len(clean), random)
        noise = complex_noise(self.settings.diffusion.noise, clean.shape, random)
        loss = self._loss(clean, noise, step)
        if not torch.isfinite(loss):
            raise NonFiniteLoss(
                f"the loss is {loss.item()} in epoch {self.current_epoch}; "
                "lower training.learning_rate of the phase model and run again"
            )
        self.log(
            "train_loss", loss, on_step=False, on_epoch=True, batch_size=len(clean), sync_dist=True
        )
        return loss

    def validation_step(self, batch: Batch, number: int) -> None:
        """The same noise and steps in every epoch, by the identity of the slice."""
        kind = self.settings.diffusion.noise
        sizes = self.settings.training.sizes
        clean = batch[0]
        if sizes:
            clean = rescale(resize(clean, sizes[number % len(sizes)]))
        noise, step = [], []
        for row, image in zip(batch[1].tolist(), clean, strict=True):
            random = generator(self.seed, "validation", *self.validation.identities.iloc[row])
            step.append(self._draw_steps(1, random))
            noise.append(complex_noise(kind, image.shape, random))
        loss = self._loss(clean, np.stack(noise), torch.cat(step))
        self.log("validation_loss", loss, batch_size=len(clean), sync_dist=True)

    def _draw_steps(self, count: int, random: np.random.Generator) -> torch.Tensor:
        return draw_steps(self.settings.diffusion, count, self.denoiser.alpha_bar, random)

    def _loss(self, clean: torch.Tensor, noise: np.ndarray, step: torch.Tensor) -> torch.Tensor:
        step = step.to(clean.device)
        added = torch.from_numpy(noise).to(clean.device)
        alpha_bar = self.denoiser.alpha_bar[step]
        share = alpha_bar[:, None, None, None]
        noisy = FORWARD[self.settings.diffusion.forward](clean, added, share)
        predicted = self.denoiser.predict(noisy, clean.abs(), step, alpha_bar)
        is_velocity = self.settings.diffusion.prediction == "v"
        target = velocity(clean, added, share) if is_velocity else added
        error = torch.view_as_real(predicted - target)
        if self.settings.diffusion.loss == "l2":
            return error.square().sum(dim=-1).mean()
        # The gradient of a complex magnitude does not exist at 0.
        return (error.square().sum(dim=-1) + 1e-12).sqrt().mean()
