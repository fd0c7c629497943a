"""The network as the diffusion sees it: what must not matter, and which network is asked."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.denoiser import Denoiser
from phasegen.settings import Diffusion, Network, PhaseModel, Training

GROWING = PhaseModel(
    network=Network(widths=[4, 6], bottleneck=6, embedding=8, context=3),
    diffusion=Diffusion(smallest=16, receiver="drawn"),
    training=Training(sizes=[32]),
)


@pytest.fixture(scope="module")
def denoiser():
    torch.manual_seed(0)
    made = Denoiser(GROWING).eval()
    for network in made.networks.values():
        torch.nn.init.normal_(network.last.weight, std=0.2)
    return made


def arguments(denoiser, size=32):
    random = np.random.default_rng(0)
    parts = torch.from_numpy(random.standard_normal((2, 3, 1, size, size)).astype(np.float32))
    magnitude = parts[0].abs()
    step = torch.tensor([100, 500, 900])
    alpha_bar = denoiser.alpha_bar[step]
    return torch.complex(*parts), magnitude, denoiser.kind(magnitude), step, alpha_bar


@torch.no_grad()
def test_a_global_phase_turns_the_estimate_and_nothing_else(denoiser):
    noisy, *rest = arguments(denoiser)
    turn = torch.polar(torch.ones(()), torch.tensor(1.234))
    first, second = denoiser(noisy, *rest), denoiser(noisy * turn, *rest)
    torch.testing.assert_close(second.clean, first.clean * turn, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(second.signal_to_noise, first.signal_to_noise, rtol=1e-3, atol=1e-4)


@torch.no_grad()
def test_the_context_is_of_the_whole_image_and_matters(denoiser):
    noisy, magnitude, kind, *rest = arguments(denoiser)
    assert kind.shape == (3, GROWING.network.embedding)
    other = denoiser.kind(magnitude**2)
    assert not torch.allclose(other, kind)
    changed = denoiser(noisy, magnitude, other, *rest).clean
    assert not torch.allclose(changed, denoiser(noisy, magnitude, kind, *rest).clean)


@pytest.mark.parametrize("shape", [(20, 20), (32, 48), (181, 217)])
def test_the_context_takes_any_size(denoiser, shape):
    assert denoiser.kind(torch.rand(2, 1, *shape)).shape == (2, GROWING.network.embedding)


@pytest.mark.parametrize(("size", "asked"), [(16, "layout"), (32, "detail"), (64, "detail")])
def test_the_coarsest_grid_has_a_network_of_its_own(denoiser, size, asked):
    called = []
    handles = [
        network.register_forward_hook(lambda *_, name=name: called.append(name))
        for name, network in denoiser.networks.items()
    ]
    denoiser(*arguments(denoiser, size))
    for handle in handles:
        handle.remove()
    assert called == [asked]


def test_the_paper_has_one_network_and_no_extras():
    paper = PhaseModel(diffusion=Diffusion(condition="channel", prediction="eps", noise="unit"))
    made = Denoiser(paper)
    assert list(made.networks) == ["detail"]
    assert made.kind(torch.rand(1, 1, 16, 16)) is None
    noisy, magnitude, kind, step, share = arguments(made, 16)
    assert made(noisy, magnitude, kind, step, share).signal_to_noise is None
