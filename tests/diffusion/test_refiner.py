"""From a coarse grid to finer ones: what is kept, what must not matter."""

import pytest
import torch

from phasegen.diffusion.refiner import Refiner, refine
from phasegen.fourier import resample
from phasegen.settings import Network

NETWORK = Network(widths=[4, 6], bottleneck=6, embedding=8, patch=2)
FINER = [(32, 32), (64, 64)]


@pytest.fixture
def refiner():
    torch.manual_seed(0)
    return Refiner(NETWORK).eval()


@pytest.fixture
def speaking(refiner):
    torch.nn.init.normal_(refiner.network.last.weight, std=0.05)
    return refiner


def head(size=64):
    """A disc of uneven brightness in the dark, and phase as smooth as a coil's."""
    y, x = torch.meshgrid(*[(torch.arange(size) - size // 2) / size] * 2, indexing="ij")
    inside = torch.sigmoid((0.35 - (y**2 + x**2).sqrt()) * size / 2)
    magnitude = (inside * (1.2 + torch.cos(30 * x) * 0.3))[None, None]
    return magnitude, torch.exp(1j * (4 * y + 3 * x**2 - 1))


def run(refiner, coarse, magnitude, level=0.0):
    with torch.no_grad():
        return list(refine(refiner, coarse, magnitude, None, torch.full((1,), level), FINER))


def test_a_network_that_says_nothing_keeps_a_smooth_phase(refiner):
    magnitude, turn = head()
    *_, found = run(refiner, resample(magnitude * turn, (16, 16)), magnitude)
    error = (found.image * turn.conj()).angle()[magnitude > 0.5]
    assert float(error.abs().mean()) < 0.1
    torch.testing.assert_close(found.image.abs(), magnitude, atol=1e-5, rtol=1e-4)


def test_every_grid_has_its_estimate_of_the_same_field_of_view(speaking):
    magnitude, turn = head()
    found = run(speaking, resample(magnitude * turn, (16, 16)), magnitude)
    assert [tuple(part.image.shape[-2:]) for part in found] == FINER
    assert all(part.log_ratio.shape == part.image.shape for part in found)


def test_a_global_phase_turns_the_image_and_nothing_else(speaking):
    magnitude, turn = head()
    coarse, angle = resample(magnitude * turn, (16, 16)), torch.exp(torch.tensor(2.1j))
    for plain, turned in zip(
        run(speaking, coarse, magnitude), run(speaking, coarse * angle, magnitude), strict=True
    ):
        torch.testing.assert_close(turned.image, plain.image * angle, atol=1e-3, rtol=1e-3)
        torch.testing.assert_close(turned.log_ratio, plain.log_ratio, atol=1e-3, rtol=1e-3)


def test_the_level_of_noise_is_told(speaking):
    magnitude, turn = head()
    coarse = resample(magnitude * turn, (16, 16))
    first, second = (run(speaking, coarse, magnitude, level)[-1].image for level in (0.0, 0.2))
    assert not torch.allclose(first, second)


def test_an_empty_slice_does_no_harm(speaking):
    *_, found = run(
        speaking, torch.zeros(1, 1, 16, 16, dtype=torch.complex64), torch.zeros(1, 1, 64, 64)
    )
    assert torch.isfinite(torch.view_as_real(found.image)).all()


def test_a_grid_learns_from_its_own_error_alone(speaking):
    """What a finer grid is fitted to must not bend the coarser one before it."""
    magnitude, turn = head()
    coarse = resample(magnitude * turn, (16, 16)).requires_grad_()
    *_, last = refine(speaking, coarse, magnitude, None, torch.zeros(1), FINER)
    last.image.abs().sum().backward()
    assert coarse.grad is None
