"""The phase model as a Lightning module; every random number comes from (seed, epoch, batch)."""

import numpy as np
import torch

from phasegen.data.slices import ImageSlices
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import FORWARD, velocity
from phasegen.diffusion.receiver import surprise
from phasegen.fourier import resample
from phasegen.nn.complex import ComplexBatchNorm2d
from phasegen.seeds import generator
from phasegen.settings import PhaseModel
from phasegen.training.augment import augment, rescale
from phasegen.training.fitted import Fitted
from phasegen.training.grids import View, draw_views, fixed_views, seen_on, steps_for

Batch = tuple[torch.Tensor, torch.Tensor]

RECEIVER = 0.02
"""Weight of the law of the receiver's noise in the loss: it is to learn, not to lead."""

SLOW = 0.02
"""Momentum of averages that are to be kept: those of some fifty batches on all grids."""


class PhaseTask(Fitted):
    """Fits a denoiser to complex images (Rempe et al. 2025, Alg. 1)."""

    def __init__(self, model: PhaseModel, seed: int, validation: ImageSlices) -> None:
        super().__init__(model.training, seed)
        self.settings = model
        self.validation = validation
        self.denoiser = Denoiser(model)
        if model.training.norm_epochs:
            for norm in self._norms():
                norm.momentum = SLOW

    def training_step(self, batch: Batch, number: int) -> torch.Tensor:
        place = self.place(number)
        random = generator(self.seed, "training", *place)
        self._hold_norms()
        # Alike on every device, since they wait for each other.
        views = draw_views(self.settings, generator(self.seed, "views", *place[:2]))
        loss = sum(self._train_loss(batch[0], view, random) for view in views)
        return self.log_train(loss, len(batch[0]))

    def validation_step(self, batch: Batch, number: int) -> None:
        """The same noise and steps in every epoch, by the identity of the slice."""
        views = fixed_views(self.settings, number)
        loss = sum(self._validation_loss(*batch, view) for view in views)
        self.log_validation(loss, len(batch[0]))

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
