"""The network as the diffusion sees it: what must not matter, and which network is asked."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.denoiser import Denoiser
from phasegen.settings import Diffusion, Network, PhaseModel, Training

COARSE = PhaseModel(
    network=Network(widths=[4, 6], bottleneck=6, embedding=8, context=3),
    diffusion=Diffusion(smallest=16),
    training=Training(sizes=[32]),
)


@pytest.fixture(scope="module")
def denoiser():
    torch.manual_seed(0)
    made = Denoiser(COARSE).eval()
    for network in (made.network, made.refiner.network):
        torch.nn.init.normal_(network.last.weight, std=0.2)
    return made


def arguments(denoiser, size=32):
    """Of an image of that size: what is noisy, and what the denoiser takes with it."""
    random = np.random.default_rng(0)
    magnitude = torch.from_numpy(random.random((3, 1, size, size)).astype(np.float32))
    known = denoiser.known(magnitude)
    parts = random.standard_normal((2, *known.magnitude.shape)).astype(np.float32)
    step = torch.tensor([100, 500, 900])
    return torch.complex(*torch.from_numpy(parts)), known, step, denoiser.alpha_bar[step]


@torch.no_grad()
def test_a_global_phase_turns_the_estimate_and_nothing_else(denoiser):
    noisy, *rest = arguments(denoiser)
    turn = torch.polar(torch.ones(()), torch.tensor(1.234))
    first, second = denoiser(noisy, *rest), denoiser(noisy * turn, *rest)
    torch.testing.assert_close(second, first * turn, rtol=1e-4, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("part", ["kind", "detail", "magnitude"])
def test_all_that_is_known_matters(denoiser, part):
    noisy, known, *rest = arguments(denoiser)
    other = known._replace(**{part: getattr(known, part) ** 2})
    assert not torch.allclose(denoiser(noisy, other, *rest), denoiser(noisy, known, *rest))


@torch.no_grad()
@pytest.mark.parametrize("size", [16, 32, 64])
def test_the_magnitude_is_seen_on_the_coarsest_grid_and_finer_within_its_pixels(denoiser, size):
    magnitude = torch.rand(2, 1, size, size)
    known = denoiser.known(magnitude)
    assert known.magnitude.shape == (2, 1, 16, 16)
    assert known.detail.shape == (2, 16, 16, 16)
    assert known.kind.shape == (2, COARSE.network.embedding)
    if size == 64:
        assert torch.equal(known.detail[0, :4, 5, 7], magnitude[0, 0, 20, 28:32])


@pytest.mark.parametrize("shape", [(20, 20), (32, 48), (181, 217)])
def test_the_context_takes_any_size(denoiser, shape):
    assert denoiser.context(torch.rand(2, 1, *shape)).shape == (2, COARSE.network.embedding)


def test_the_paper_has_one_network_and_no_extras():
    paper = PhaseModel(diffusion=Diffusion(condition="channel", prediction="eps", noise="unit"))
    made = Denoiser(paper)
    assert made.refiner is None and made.context is None
    noisy, known, step, share = arguments(made, 32)
    assert known.magnitude.shape == (3, 1, 32, 32)
    assert known.detail is None and known.kind is None
    assert made(noisy, known, step, share).shape == noisy.shape
