"""The phase model as a Lightning module; every random number comes from (seed, epoch, batch)."""

import numpy as np
import torch

from phasegen.data.slices import ImageSlices
from phasegen.diffusion.denoiser import Denoiser, Known
from phasegen.diffusion.matched import phasors
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import FORWARD, velocity
from phasegen.diffusion.receiver import fine_part, signal_to_noise, surprise
from phasegen.diffusion.refiner import refine
from phasegen.diffusion.schedule import draw_steps
from phasegen.fourier import resample
from phasegen.nn.complex import ComplexBatchNorm2d
from phasegen.seeds import generator
from phasegen.settings import PhaseModel
from phasegen.training.augment import augment, rescale
from phasegen.training.fitted import Fitted
from phasegen.training.sizes import draw_size, refined_rows, size_in_turn

Batch = tuple[torch.Tensor, torch.Tensor]

Drawn = tuple[torch.Tensor, torch.Tensor]
"""A step or a level of noise for every image, and that noise."""

RECEIVER = 0.05
"""Weight of the law of the receiver's noise in the loss: it is to learn, not to lead."""

DOUBT = 0.2
"""Largest level of the noise in a coarse image that is to be refined, since a sample is not exact."""

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
        size = draw_size(self.training_settings, generator(self.seed, "sizes", *place[:2]))
        images = augment(batch[0], self.training_settings, size, random)
        draws = self._draws(images, random)
        few = images[: refined_rows(len(images), images.shape[-1])]
        doubts = self._doubts(few, random) if self.denoiser.refiner is not None else None
        return self.log_train(self._loss(images, draws, doubts), len(images))

    def validation_step(self, batch: Batch, number: int) -> None:
        """The same noise and steps in every epoch, by the identity of the slice."""
        images, rows = batch
        size = size_in_turn(self.training_settings, number)
        images = rescale(resample(images, (size, size))) if size else images
        draws, doubts = [], []
        for row, image in zip(rows.tolist(), images, strict=True):
            random = generator(self.seed, "validation", *self.validation.identities.iloc[row])
            draws.append(self._draws(image[None], random))
            if self.denoiser.refiner is not None:
                doubts.append(self._doubts(image[None], random))
        draws, doubts = (tuple(map(torch.cat, zip(*d, strict=True))) for d in (draws, doubts))
        self.log_validation(self._loss(images, draws, doubts), len(images))

    def _loss(self, images: torch.Tensor, draws: Drawn, doubts: Drawn | None) -> torch.Tensor:
        """Of both networks; with as many doubts as there are first images to be refined."""
        known = self.denoiser.known(images.abs())
        loss = self._denoising_loss(images, known, *draws)
        if not doubts:
            return loss
        few = len(doubts[0])
        kind = None if known.kind is None else known.kind[:few]
        return loss + self._refining_loss(images[:few], kind, *doubts)

    def _draws(self, images: torch.Tensor, random: np.random.Generator) -> Drawn:
        """Steps and noise for the grid that is diffused."""
        diffusion = self.settings.diffusion
        step = draw_steps(diffusion, len(images), self.denoiser.alpha_bar, random)
        return step.to(images.device), self._noise(images, diffusion.noise, random)

    def _doubts(self, images: torch.Tensor, random: np.random.Generator) -> Drawn:
        """Levels of noise in what is refined, mostly small, and that noise."""
        level = (DOUBT * random.random(len(images)) ** 2).astype(np.float32)
        return torch.from_numpy(level).to(images.device), self._noise(images, "gaussian", random)

    def _noise(self, images: torch.Tensor, kind: str, random: np.random.Generator) -> torch.Tensor:
        shape = self.denoiser.grids(tuple(images.shape[-2:]))[0]
        noise = complex_noise(kind, (len(images), 1, *shape), random)
        return torch.from_numpy(noise).to(images.device)

    def _hold_norms(self) -> None:
        """From ``norm_epochs`` on the network trains as it samples."""
        epochs = self.settings.training.norm_epochs
        if epochs and self.current_epoch >= epochs:
            for norm in self._norms():
                norm.eval()

    def _norms(self) -> list[ComplexBatchNorm2d]:
        return [part for part in self.denoiser.modules() if isinstance(part, ComplexBatchNorm2d)]

    def _denoising_loss(
        self, images: torch.Tensor, known: Known, step: torch.Tensor, noise: torch.Tensor
    ) -> torch.Tensor:
        clean = resample(images, tuple(noise.shape[-2:]))
        alpha_bar = self.denoiser.alpha_bar[step]
        share = alpha_bar[:, None, None, None]
        noisy = FORWARD[self.settings.diffusion.forward](clean, noise, share)
        predicted = self.denoiser.predict(noisy, known, step, alpha_bar)
        target = velocity(clean, noise, share) if self.denoiser.predicts_velocity else noise
        if self.settings.diffusion.loss == "l2":
            return _square(predicted - target).mean()
        return _distance(predicted, target)

    def _refining_loss(
        self,
        images: torch.Tensor,
        kind: torch.Tensor | None,
        level: torch.Tensor,
        noise: torch.Tensor,
    ) -> torch.Tensor:
        """Distance on every grid, and how surprising the receiver's noise is on the full one."""
        magnitude = images.abs()
        coarsest, *finer = self.denoiser.grids(tuple(images.shape[-2:]))
        coarse = resample(images, coarsest) + level[:, None, None, None] * noise
        loss = 0.0
        for shape, found in zip(
            finer,
            refine(self.denoiser.refiner, coarse, magnitude, kind, level, finer),
            strict=True,
        ):
            loss = loss + _distance(found.image, resample(images, shape))
        turn = phasors(images * found.image.detach().conj())
        ratio = signal_to_noise(magnitude, found.log_ratio)
        return loss + RECEIVER * surprise(fine_part(turn, magnitude), ratio).mean()


def _distance(found: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    # The gradient of a complex magnitude does not exist at 0.
    return (_square(found - true) + 1e-12).sqrt().mean()


def _square(values: torch.Tensor) -> torch.Tensor:
    return torch.view_as_real(values).square().sum(dim=-1)
