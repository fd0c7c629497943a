"""Phase for magnitude slices, one random stream per slice."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import partial

import numpy as np
import torch

from phasegen.device import halving, use_device
from phasegen.diffusion.denoiser import Denoiser, Known
from phasegen.diffusion.grids import HANDED_ON, Shape, coarse_ladder
from phasegen.diffusion.ladder import Ladder
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.receiver import add_receiver_noise, of_slice, signal_to_noise
from phasegen.diffusion.refiner import refine
from phasegen.diffusion.samplers import SAMPLERS, Sampler
from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import centre_crop_or_pad
from phasegen.nn.inference import for_inference
from phasegen.precision import warn_of_emulation
from phasegen.progress import told
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
    batches of another size. Where a GPU has no memory for that many, all of the slices are
    sampled in halves, and the log says so.

    Args:
        magnitude: float32 ``(slice, y, x)``, in any unit.
        generators: one per slice.
        progress: whether to tell how far it is.
    """
    scale = slice_scale(magnitude)
    scaled = magnitude / np.where(scale > 0, scale, 1)[:, None, None]
    scaled = centre_crop_or_pad(scaled, denoiser.frame(magnitude.shape[1:]))
    device = use_device(synthesis.device, "synthesis.device")
    warn_of_emulation(synthesis.precision, synthesis.device)
    denoiser = fast_form(denoiser, device, synthesis.precision)

    def sample(batch: int) -> np.ndarray:
        # Copies, since an attempt that ran out of memory has drawn from them.
        streams = deepcopy(list(generators))
        phases = []
        batches = list(_batches(len(scaled), batch))
        counted = told(batches, "sample", "slices", lambda rows: len(_first_of_each(rows)))
        for rows in counted if progress else batches:
            images = torch.from_numpy(scaled[rows]).unsqueeze(1).to(device)
            own = [streams[row] for row in _first_of_each(rows)]
            phases.append(_sample_batch(denoiser, images, own, synthesis)[: len(own)])
        return np.concatenate(phases)

    return centre_crop_or_pad(halving(synthesis.batch, sample), magnitude.shape[1:])


def fast_form(denoiser: Denoiser, device: torch.device, precision: Precision) -> Denoiser:
    """A copy that only samples; the weights are laid out for the device."""
    fast = deepcopy(denoiser).to(device).eval()
    for owner in (fast, fast.refiner):
        if owner is not None:
            owner.network = for_inference(owner.network, precision)
    return fast


@torch.inference_mode()
def _sample_batch(
    denoiser: Denoiser,
    magnitude: torch.Tensor,
    generators: Sequence[np.random.Generator],
    synthesis: Synthesis,
) -> np.ndarray:
    """Phase [rad], float32 ``(batch, y, x)``, of ``magnitude`` ``(batch, 1, y, x)``."""

    def draw(shape: Shape) -> torch.Tensor:
        kind = denoiser.settings.diffusion.noise
        noise = np.zeros((len(magnitude), 1, *shape), np.complex64)
        for place, generator in enumerate(generators):
            noise[place] = complex_noise(kind, (1, *shape), generator)
        return torch.from_numpy(noise).to(magnitude.device)

    sampler, known = SAMPLERS[synthesis.sampler], denoiser.known(magnitude)
    coarsest, *finer = denoiser.grids(tuple(magnitude.shape[-2:]))
    estimate = Estimates(denoiser, known, sampler.bounded and not finer)
    ladder = plan(denoiser, sampler, len(finer), synthesis.steps)
    image = sampler.run(estimate, draw(coarsest), partial(draw, coarsest), ladder)
    if not finer:
        return image.angle().squeeze(1).cpu().numpy()
    level = torch.full((len(image),), HANDED_ON, device=image.device)
    *_, found = refine(denoiser.refiner, image, magnitude, known.kind, level, finer)
    ratio = signal_to_noise(magnitude, of_slice(magnitude, found.log_ratio))
    phase, ratio, noise = (
        part.squeeze(1).cpu().numpy() for part in (found.image.angle(), ratio, draw(finer[-1]))
    )
    return add_receiver_noise(phase, ratio, noise)


def plan(denoiser: Denoiser, sampler: Sampler, finer: int, evaluations: int) -> Ladder:
    """Levels of sampling, where each of the ``finer`` grids takes one of the ``evaluations``."""
    rungs = sampler.rungs(max(evaluations - finer, 1))
    ladder = coarse_ladder if denoiser.settings.diffusion.smallest else sampler.ladder
    return ladder(denoiser.alpha_bar, rungs)


class Estimates:
    """Estimates of the clean image, as samplers ask for them."""

    def __init__(self, denoiser: Denoiser, known: Known, bounded: bool) -> None:
        self.denoiser, self.known, self.bounded = denoiser, known, bounded

    def __call__(
        self, noisy: torch.Tensor, step: torch.Tensor, alpha_bar: torch.Tensor
    ) -> torch.Tensor:
        many = (step.expand(len(noisy)), alpha_bar.expand(len(noisy)))
        clean = self.denoiser(noisy, self.known, *many)
        # A coarse image may be larger than the coarse magnitude, which is a mean with weights.
        return bound(clean, self.known.magnitude) if self.bounded else clean


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
