"""Phase for magnitude slices, one random stream per slice."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import partial

import numpy as np
import torch
from torch import nn

from phasegen.device import halving, use_device
from phasegen.diffusion.denoiser import Denoiser, Estimate
from phasegen.diffusion.growing import (
    Shape,
    Stage,
    coarse_magnitude,
    grids,
    grow,
    last_level,
    stages,
)
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.receiver import add_receiver_noise
from phasegen.diffusion.samplers import SAMPLERS, Sampler
from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import centre_crop_or_pad
from phasegen.nn.inference import for_inference
from phasegen.precision import warn_of_emulation
from phasegen.progress import told
from phasegen.settings import Precision, Synthesis

Use = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


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
    size = tuple(-(-edge // denoiser.multiple) * denoiser.multiple for edge in magnitude.shape[1:])
    scaled = centre_crop_or_pad(scaled, size)
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
    fast.networks = nn.ModuleDict(
        {name: for_inference(network, precision) for name, network in fast.networks.items()}
    )
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

    sampler, kind = SAMPLERS[synthesis.sampler], denoiser.kind(magnitude)
    noisy, alpha_bar = None, None
    for stage in plan(denoiser, sampler, tuple(magnitude.shape[-2:]), synthesis.steps):
        noise = draw(stage.shape)
        noisy = noise if noisy is None else grow(noisy, alpha_bar, noise)
        seen = coarse_magnitude(magnitude, stage.shape)
        estimate = Estimates(
            denoiser, seen, kind, use_of_magnitude(denoiser, sampler, seen is magnitude)
        )
        noisy = sampler.run(estimate, noisy, partial(draw, stage.shape), stage.ladder)
        alpha_bar = stage.ladder.end
    phase = noisy.angle().squeeze(1).cpu().numpy()
    if not denoiser.draws_receiver:
        return phase
    ratio = estimate.last.signal_to_noise.squeeze(1).cpu().numpy()
    noise = draw(stage.shape).squeeze(1).cpu().numpy()
    return add_receiver_noise(phase, ratio, noise)


def plan(denoiser: Denoiser, sampler: Sampler, shape: Shape, evaluations: int) -> list[Stage]:
    """Grids and levels of sampling an image of ``shape``, coarse to fine."""
    rungs = sampler.rungs(evaluations)
    diffusion = denoiser.settings.diffusion
    if not diffusion.smallest:
        return [Stage(shape, sampler.ladder(denoiser.alpha_bar, rungs))]
    shapes = grids(shape, diffusion.smallest, denoiser.multiple)
    return stages(denoiser.alpha_bar, shapes, rungs, last_level(diffusion))


class Estimates:
    """Estimates of the clean image on one grid, as samplers ask for them; keeps the last."""

    def __init__(
        self,
        denoiser: Denoiser,
        magnitude: torch.Tensor,
        kind: torch.Tensor | None,
        use: Use,
    ) -> None:
        self.denoiser, self.magnitude, self.kind, self.use = denoiser, magnitude, kind, use
        self.last: Estimate | None = None

    def __call__(
        self, noisy: torch.Tensor, step: torch.Tensor, alpha_bar: torch.Tensor
    ) -> torch.Tensor:
        many = (step.expand(len(noisy)), alpha_bar.expand(len(noisy)))
        self.last = self.denoiser(noisy, self.magnitude, self.kind, *many)
        return self.use(self.last.clean, self.magnitude)


def use_of_magnitude(denoiser: Denoiser, sampler: Sampler, is_full: bool) -> Use:
    """What an estimate of the clean image is made to be, given the magnitude of its grid."""
    if not sampler.bounded or not is_full:
        # A coarse image may be larger than the coarse magnitude, which is a mean with weights.
        return lambda clean, magnitude: clean
    return impose if denoiser.settings.diffusion.smallest else bound


def impose(clean: torch.Tensor, magnitude: torch.Tensor) -> torch.Tensor:
    """The phase of an estimate with the given magnitude.

    By the time of the full grid the phase is laid out, and a mean that is smaller than the
    magnitude says that a pixel is undecided; then the next step would start from an image that no
    phase can have.
    """
    return magnitude * torch.sgn(clean)


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
