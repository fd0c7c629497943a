"""The way that sampling takes, and the forward process at the same levels of noise."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.generate import sample_phase
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import FORWARD
from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import centre_crop_or_pad, resample
from phasegen.settings import Synthesis


@dataclass(frozen=True)
class Moment:
    """Where a step of sampling starts, in units of the slice's scale."""

    noisy: np.ndarray
    """``z_t``, complex64 ``(y, x)``, on the grid of its level."""
    timestep: float
    alpha_bar: float

    @property
    def level(self) -> float:
        """Noise over signal, ``sqrt((1 - abar) / abar)``."""
        return float(np.sqrt((1 - self.alpha_bar) / self.alpha_bar))

    def is_at(self, other: "Moment") -> bool:
        """Whether both are of one level on one grid."""
        return self.alpha_bar == other.alpha_bar and self.noisy.shape == other.noisy.shape


class Trajectory(NamedTuple):
    """All steps of one slice, the noisiest first, and what they end in."""

    moments: list[Moment]
    phase: np.ndarray
    """[rad], float32 ``(y, x)``, as `sample_phase` gives it."""


def record(
    denoiser: Denoiser, magnitude: np.ndarray, generator: np.random.Generator, synthesis: Synthesis
) -> Trajectory:
    """Sample the phase of one slice and keep the ``z_t`` that each step starts from.

    The sampler itself is watched, by a hook on the network: with the same generator the phase is,
    to the bit, that of `sample_phase`.

    Args:
        magnitude: float32 ``(y, x)``, in any unit.
    """
    moments: list[Moment] = []

    def keep(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        noisy, _, step, alpha_bar = inputs
        moment = Moment(noisy[0, 0].cpu().numpy().copy(), float(step[0]), float(alpha_bar[0]))
        if moments and moments[-1].is_at(moment):
            # Heun's method has looked ahead to the end of a step, and now starts from there.
            moments.pop()
        moments.append(moment)

    watched = deepcopy(denoiser)
    watched.register_forward_hook(keep)
    phase = sample_phase(watched, magnitude[None], [generator], synthesis, progress=False)[0]
    return Trajectory(moments, phase)


def clean_image(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """An image as the diffusion has it: complex64 ``shape``, in units of its slice's scale.

    Args:
        image: complex ``(y, x)``.
        shape: of the full grid, which is larger where the network needs it.
    """
    scale = float(slice_scale(np.abs(image)[None])[0])
    return centre_crop_or_pad(image / (scale or 1), shape).astype(np.complex64)


def forward(
    denoiser: Denoiser,
    clean: np.ndarray,
    moments: Sequence[Moment],
    generator: np.random.Generator,
) -> list[np.ndarray]:
    """``z_t`` of a clean image at the level and on the grid of each moment, complex64 ``(y, x)``.

    Args:
        clean: as from `clean_image`.
    """
    diffusion, found = denoiser.settings.diffusion, []
    for moment in moments:
        seen = torch.from_numpy(resample(clean, moment.noisy.shape)).to(torch.complex64)
        noise = torch.from_numpy(complex_noise(diffusion.noise, seen.shape, generator))
        share = torch.tensor(moment.alpha_bar, dtype=torch.float64)
        found.append(FORWARD[diffusion.forward](seen, noise, share).numpy())
    return found
