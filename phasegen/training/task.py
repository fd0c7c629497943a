"""The phase model as a Lightning module; every random number comes from (seed, epoch, batch)."""

import numpy as np
import torch
from pytorch_lightning import LightningModule

from phasegen.data.slices import ImageSlices
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import FORWARD, velocity
from phasegen.diffusion.receiver import surprise
from phasegen.errors import UserError
from phasegen.fourier import resample
from phasegen.nn.complex import ComplexBatchNorm2d
from phasegen.seeds import generator, integer
from phasegen.settings import PhaseModel
from phasegen.training.augment import augment, rescale
from phasegen.training.grids import View, draw_views, fixed_views, seen_on, steps_for

Batch = tuple[torch.Tensor, torch.Tensor]

RECEIVER = 0.02
"""Weight of the law of the receiver's noise in the loss: it is to learn, not to lead."""

SLOW = 0.02
"""Momentum of averages that are to be kept: those of some fifty batches on all grids."""


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
        if model.training.norm_epochs:
            for norm in self._norms():
                norm.momentum = SLOW

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
        self._hold_norms()
        # Alike on every device, since they wait for each other.
        views = draw_views(self.settings, generator(self.seed, "views", *place[:2]))
        loss = sum(self._train_loss(batch[0], view, random) for view in views)
        if not torch.isfinite(loss):
            raise NonFiniteLoss(
                f"the loss is {loss.item()} in epoch {self.current_epoch}; "
                "lower training.learning_rate of the phase model and run again"
            )
        self.log(
            "train_loss",
            loss,
            on_step=False,
            on_epoch=True,
            batch_size=len(batch[0]),
            sync_dist=True,
        )
        return loss

    def validation_step(self, batch: Batch, number: int) -> None:
        """The same noise and steps in every epoch, by the identity of the slice."""
        views = fixed_views(self.settings, number)
        loss = sum(self._validation_loss(*batch, view) for view in views)
        self.log("validation_loss", loss, batch_size=len(batch[0]), sync_dist=True)

    def _train_loss(
        self, images: torch.Tensor, view: View, random: np.random.Generator
    ) -> torch.Tensor:
        rows = view.rows(len(images), self.settings.diffusion.smallest)
        whole = augment(images[:rows], self.settings.training, view.image, random)
        step = self._draw_steps(view, rows, random)
        clean, magnitude = seen_on(whole, view.grid)
        noise = complex_noise(self.settings.diffusion.noise, clean.shape, random)
        return self._loss(clean, magnitude, whole.abs(), noise, step)

    def _validation_loss(
        self, images: torch.Tensor, rows: torch.Tensor, view: View
    ) -> torch.Tensor:
        whole = rescale(resample(images, (view.image,) * 2)) if view.image else images
        clean, magnitude = seen_on(whole, view.grid)
        kind = self.settings.diffusion.noise
        noise, step = [], []
        for row, image in zip(rows.tolist(), clean, strict=True):
            random = generator(self.seed, "validation", *self.validation.identities.iloc[row])
            step.append(self._draw_steps(view, 1, random))
            noise.append(complex_noise(kind, image.shape, random))
        return self._loss(clean, magnitude, whole.abs(), np.stack(noise), torch.cat(step))

    def _draw_steps(self, view: View, count: int, random: np.random.Generator) -> torch.Tensor:
        return steps_for(self.settings.diffusion, view, count, self.denoiser.alpha_bar, random)

    def _hold_norms(self) -> None:
        """From ``norm_epochs`` on the network trains as it samples."""
        epochs = self.settings.training.norm_epochs
        if epochs and self.current_epoch >= epochs:
            for norm in self._norms():
                norm.eval()

    def _norms(self) -> list[ComplexBatchNorm2d]:
        return [part for part in self.denoiser.modules() if isinstance(part, ComplexBatchNorm2d)]

    def _loss(
        self,
        clean: torch.Tensor,
        magnitude: torch.Tensor,
        whole: torch.Tensor,
        noise: np.ndarray,
        step: torch.Tensor,
    ) -> torch.Tensor:
        step = step.to(clean.device)
        added = torch.from_numpy(noise).to(clean.device)
        alpha_bar = self.denoiser.alpha_bar[step]
        share = alpha_bar[:, None, None, None]
        noisy = FORWARD[self.settings.diffusion.forward](clean, added, share)
        kind = self.denoiser.kind(whole)
        predicted = self.denoiser.predict(noisy, magnitude, kind, step, alpha_bar)
        target = velocity(clean, added, share) if self.denoiser.predicts_velocity else added
        error = torch.view_as_real(predicted.target - target)
        if self.settings.diffusion.loss == "l2":
            loss = error.square().sum(dim=-1).mean()
        else:  # The gradient of a complex magnitude does not exist at 0.
            loss = (error.square().sum(dim=-1) + 1e-12).sqrt().mean()
        if predicted.signal_to_noise is None:
            return loss
        seen = self.denoiser.clean(noisy, predicted.target.detach(), share)
        return loss + RECEIVER * self._surprise(clean, seen, predicted.signal_to_noise, share)

    @staticmethod
    def _surprise(
        clean: torch.Tensor, seen: torch.Tensor, ratio: torch.Tensor, share: torch.Tensor
    ) -> torch.Tensor:
        """Of the true phase, where there is less noise than signal."""
        late = (share > 0.5).expand(ratio.shape)
        found = surprise((clean * seen.conj()).angle(), ratio)
        return torch.where(late, found, 0).sum() / late.sum().clamp(min=1)
