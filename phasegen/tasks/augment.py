"""Changes of a batch that keep image, mask and k-space a possible measurement."""

import numpy as np
import torch

from phasegen.settings import TaskTraining


def augment(
    values: torch.Tensor, training: TaskTraining, random: np.random.Generator
) -> torch.Tensor:
    """Flips of image and target alike, and a phase for the whole slice.

    Args:
        values: complex64 ``(batch, 2, y, x)``: the image and a real companion, such as a mask.

    All is done in the image, of which k-space is taken afterwards, so that the two stay a
    Fourier pair: a slice mirrored about the pixel ``n // 2`` is mirrored k-space too.
    """
    if training.flips:
        chosen = random.integers(0, 2, (len(values), 2)).astype(bool)
        values = torch.stack([_mirror(v, axes) for v, axes in zip(values, chosen, strict=True)])
    if training.global_phase:
        angle = random.uniform(-np.pi, np.pi, len(values)).astype(np.float32)
        turn = torch.polar(torch.ones(len(values)), torch.from_numpy(angle)).to(values.device)
        image = values[:, :1] * turn[:, None, None, None]
        values = torch.cat([image, values[:, 1:]], dim=1)
    return values


def _mirror(values: torch.Tensor, axes: np.ndarray) -> torch.Tensor:
    """Mirrored about index ``n // 2``, which for an even size leaves index 0 in its place."""
    for axis in np.flatnonzero(axes) - 2:
        size = values.shape[axis]
        values = values.flip([axis]).roll(1 - size % 2, [axis])
    return values
