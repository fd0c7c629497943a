"""Phase for magnitude slices, one random stream per slice."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from tqdm import tqdm

from phasegen.device import use_device
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.samplers import SAMPLERS
from phasegen.diffusion.scale import slice_scale
from phasegen.settings import Synthesis


def sample_phase(
    denoiser: Denoiser,
    magnitude: np.ndarray,
    generators: Sequence[np.random.Generator],
    synthesis: Synthesis,
) -> np.ndarray:
    """Phase [rad] of every slice, float32 ``(slice, y, x)``.

    A slice's phase depends on its magnitude and its generator alone: the last batch is
    filled up to ``synthesis.batch``, since a convolution may round differently in
    batches of another size.

    Args:
        magnitude: float32 ``(slice, y, x)``, in any unit.
        generators: one per slice.
    """
    scale = slice_scale(magnitude)
    scaled = magnitude / np.where(scale > 0, scale, 1)[:, None, None]
    device = use_device(synthesis.device)
    denoiser = denoiser.to(device).eval()
    phases = []
    for rows in tqdm(list(_batches(len(magnitude), synthesis.batch)), desc="sample", unit="batch"):
        images = torch.from_numpy(scaled[rows]).unsqueeze(1).to(device)
        streams = [generators[row] for row in _first_of_each(rows)]
        sampled = _sample_batch(denoiser, images, streams, synthesis)
        phases.append(sampled.angle().squeeze(1)[: len(streams)].cpu().numpy())
    return np.concatenate(phases)


@torch.inference_mode()
def _sample_batch(
    denoiser: Denoiser,
    magnitude: torch.Tensor,
    generators: Sequence[np.random.Generator],
    synthesis: Synthesis,
) -> torch.Tensor:
    kind = denoiser.settings.diffusion.noise

    def draw() -> torch.Tensor:
        noise = np.zeros(magnitude.shape, np.complex64)
        for place, generator in enumerate(generators):
            noise[place] = complex_noise(kind, magnitude.shape[1:], generator)
        return torch.from_numpy(noise).to(magnitude.device)

    def estimate(noisy: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        return denoiser(noisy, magnitude, step.expand(len(noisy)).to(noisy.device))

    sampler = SAMPLERS[synthesis.sampler]
    return sampler(estimate, draw, magnitude, denoiser.alpha_bar, synthesis.steps)


def _batches(slices: int, batch: int) -> Iterator[list[int]]:
    """Rows of each batch; the last one is filled up by repeating its last row."""
    for start in range(0, slices, batch):
        yield [min(row, slices - 1) for row in range(start, start + batch)]


def _first_of_each(rows: list[int]) -> list[int]:
    return sorted(set(rows))
