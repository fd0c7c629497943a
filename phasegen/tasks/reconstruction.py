"""Accelerated reconstruction: undersampled k-space goes in, the image comes out."""

import numpy as np
import torch

from phasegen.seeds import generator
from phasegen.settings import ReconstructionModel
from phasegen.tasks.augment import augment
from phasegen.tasks.measurement import Sampling, measured
from phasegen.tasks.reconstruction_loss import reconstruction_loss
from phasegen.tasks.reconstruction_network import ReconstructionNetwork
from phasegen.training.fitted import Fitted

Batch = tuple[torch.Tensor, torch.Tensor]


class ReconstructionTask(Fitted):
    """Fits a network to give the images whose undersampled k-space it sees (Rempe et al. 2025, IV-C).

    Batches are those of `phasegen.data.sourced.SourcedSlices`. In training every slice has a new
    mask each time.

    Args:
        lines: masks of the validation slices, bool ``(slice, line)``, by their row.
    """

    def __init__(
        self, model: ReconstructionModel, sampling: Sampling, lines: np.ndarray, seed: int
    ) -> None:
        super().__init__(model.training, seed)
        self.settings = model
        self.sampling, self.lines = sampling, lines
        self.network = ReconstructionNetwork(model)

    def training_step(self, batch: Batch, number: int) -> torch.Tensor:
        random = generator(self.seed, "training", *self.place(number))
        images = augment(batch[0], self.settings.training, random)
        lines = self.sampling.drawn(len(images), tuple(images.shape[-2:]), random)
        return self.log_train(self._loss(images, lines), len(images))

    def validation_step(self, batch: Batch, number: int) -> None:
        images, rows = batch
        self.log_validation(self._loss(images, self.lines[rows.cpu().numpy()]), len(images))

    def _loss(self, images: torch.Tensor, lines: np.ndarray) -> torch.Tensor:
        seen = measured(images, lines, self.sampling.axis)
        found = self.network(seen.kspace, seen.mask)
        return reconstruction_loss(found, images / seen.scale, self.settings.loss)
