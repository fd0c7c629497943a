"""Phase for magnitude slices, one random stream per slice."""

from collections.abc import Iterator, Sequence
from copy import deepcopy

import numpy as np
import torch
from tqdm import tqdm

from phasegen.device import use_device
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.samplers import SAMPLERS
from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import centre_crop_or_pad
from phasegen.nn.inference import for_inference
from phasegen.settings import Precision, Synthesis


def sample_phase(
    denoiser: Denoiser,
    magnitude: np.ndarray,
    generators: Sequence[np.random.Generator],
    synthesis: Synthesis,
    progress: bool = True,
) -> np.ndarray:
    """Phase [rad] of every slice, float32 ``(slice, y, x)``.

    A slice's phase depends on its magnitude and its generator alone: the last batch is
    filled up to ``synthesis.batch``, since a convolution may round differently in
    batches of another size.

    Args:
        magnitude: float32 ``(slice, y, x)``, in any unit.
        generators: one per slice.
        progress: whether to show a bar.
    """
    scale = slice_scale(magnitude)
    scaled = magnitude / np.where(scale > 0, scale, 1)[:, None, None]
    size = tuple(-(-edge // denoiser.multiple) * denoiser.multiple for edge in magnitude.shape[1:])
    scaled = centre_crop_or_pad(scaled, size)
    device = use_device(synthesis.device)
    denoiser = fast_form(denoiser, device, synthesis.precision)
    phases = []
    batches = list(_batches(len(magnitude), synthesis.batch))
    for rows in tqdm(batches, desc="sample", unit="batch", disable=not progress):
        images = torch.from_numpy(scaled[rows]).unsqueeze(1).to(device)
        streams = [generators[row] for row in _first_of_each(rows)]
        sampled = _sample_batch(denoiser, images, streams, synthesis)
        phases.append(sampled.angle().squeeze(1)[: len(streams)].cpu().numpy())
    return centre_crop_or_pad(np.concatenate(phases), magnitude.shape[1:])


def fast_form(denoiser: Denoiser, device: torch.device, precision: Precision) -> Denoiser:
    """A copy that only samples; the weights are laid out for the device."""
    fast = deepcopy(denoiser).to(device).eval()
    fast.network = for_inference(fast.network, precision)
    return fast


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

    sampler = SAMPLERS[synthesis.sampler]

    def estimate(noisy: torch.Tensor, step: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
        clean = denoiser(noisy, magnitude, step.expand(len(noisy)), alpha_bar.expand(len(noisy)))
        return bound(clean, magnitude) if sampler.bounded else clean

    return sampler.run(estimate, draw, sampler.ladder_for(denoiser.alpha_bar, synthesis.steps))


def bound(clean: torch.Tensor, magnitude: torch.Tensor) -> torch.Tensor:
    """An estimate of magnitude ``|z_0|`` at most.

    It is a mean over images of one magnitude, so its own cannot be larger. This is what
    keeps the first steps stable where ``abar`` is near 0.
    """
    return clean * (magnitude / clean.abs().clamp(min=1e-12)).clamp(max=1)


def _batches(slices: int, batch: int) -> Iterator[list[int]]:
    """Rows of each batch; the last one is filled up by repeating its last row."""
    for start in range(0, slices, batch):
        yield [min(row, slices - 1) for row in range(start, start + batch)]


def _first_of_each(rows: list[int]) -> list[int]:
    return sorted(set(rows))
