"""Skull-stripping in k-space: the head goes in, the brain comes out (k-Strip, Rempe et al. 2024)."""

import torch

from phasegen.seeds import generator
from phasegen.settings import TaskModel
from phasegen.tasks.augment import augment
from phasegen.tasks.complex_loss import complex_loss
from phasegen.tasks.skull_strip_network import ImageNetwork
from phasegen.training.fitted import Fitted

Batch = tuple[torch.Tensor, torch.Tensor]


class SkullStripTask(Fitted):
    """Fits a network to give image times mask for the image, both seen as k-space.

    Batches are those of `MaskedSlices`.
    """

    def __init__(self, model: TaskModel, seed: int) -> None:
        super().__init__(model.training, seed)
        self.settings = model
        self.network = ImageNetwork(model)

    def training_step(self, batch: Batch, number: int) -> torch.Tensor:
        random = generator(self.seed, "training", *self.place(number))
        return self.log_train(
            self._loss(augment(batch[0], self.settings.training, random)), len(batch[0])
        )

    def validation_step(self, batch: Batch, number: int) -> None:
        self.log_validation(self._loss(batch[0]), len(batch[0]))

    def _loss(self, values: torch.Tensor) -> torch.Tensor:
        image, mask = values[:, :1], values[:, 1:]
        return complex_loss(self.network(image), image * mask.real, self.settings.loss)
