"""The phase model as a Lightning module; every random number comes from (seed, epoch, batch)."""

import numpy as np
import torch
from pytorch_lightning import LightningModule

from phasegen.data.slices import ImageSlices
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import add_noise, velocity
from phasegen.diffusion.schedule import draw_steps
from phasegen.errors import UserError
from phasegen.seeds import generator, integer
from phasegen.settings import PhaseModel

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
        torch.manual_seed(integer(self.seed, "dropout", self.current_epoch, number))
        random = generator(self.seed, "training", self.current_epoch, number)
        clean = augment(batch[0], random)
        step = self._draw_steps(len(clean), random)
        noise = complex_noise(self.settings.diffusion.noise, clean.shape, random)
        loss = self._loss(clean, noise, step)
        if not torch.isfinite(loss):
            raise NonFiniteLoss(
                f"the loss is {loss.item()} in epoch {self.current_epoch}; "
                "lower phase_model.training.learning_rate and run again"
            )
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(clean))
        return loss

    def validation_step(self, batch: Batch, number: int) -> None:
        """The same noise and steps in every epoch, by the identity of the slice."""
        kind = self.settings.diffusion.noise
        noise, step = [], []
        for row, image in zip(batch[1].tolist(), batch[0], strict=True):
            random = generator(self.seed, "validation", *self.validation.identities.iloc[row])
            step.append(self._draw_steps(1, random))
            noise.append(complex_noise(kind, image.shape, random))
        loss = self._loss(batch[0], np.stack(noise), torch.cat(step))
        self.log("validation_loss", loss, batch_size=len(batch[0]))

    def _draw_steps(self, count: int, random: np.random.Generator) -> torch.Tensor:
        return draw_steps(self.settings.diffusion.steps, count, self.denoiser.alpha_bar, random)

    def _loss(self, clean: torch.Tensor, noise: np.ndarray, step: torch.Tensor) -> torch.Tensor:
        step = step.to(clean.device)
        added = torch.from_numpy(noise).to(clean.device)
        alpha_bar = self.denoiser.alpha_bar[step][:, None, None, None]
        predicted = self.denoiser.predict(add_noise(clean, added, alpha_bar), clean.abs(), step)
        is_velocity = self.settings.diffusion.prediction == "v"
        target = velocity(clean, added, alpha_bar) if is_velocity else added
        error = torch.view_as_real(predicted - target)
        if self.settings.diffusion.loss == "l2":
            return error.square().sum(dim=-1).mean()
        # The gradient of a complex magnitude does not exist at 0.
        return (error.square().sum(dim=-1) + 1e-12).sqrt().mean()


def augment(images: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Flips of either axis and a random global phase, per image ``(batch, 1, y, x)``."""
    turned = []
    for image, flips in zip(images, random.integers(0, 2, (len(images), 2)), strict=True):
        turned.append(image.flip([axis - 2 for axis in range(2) if flips[axis]]))
    phase = torch.from_numpy(random.uniform(-np.pi, np.pi, len(images)).astype(np.float32))
    rotation = torch.polar(torch.ones_like(phase), phase).to(images.device)
    return torch.stack(turned) * rotation[:, None, None, None]
