"""What is recorded is what samples: nothing of it changes by being watched."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.generate import plan, sample_phase
from phasegen.diffusion.samplers import SAMPLERS
from phasegen.diffusion.trajectory import clean_image, forward, record
from phasegen.fourier import resample
from phasegen.seeds import generator
from phasegen.settings import Diffusion, Network, PhaseModel, Synthesis, Training

NETWORK = Network(widths=[4, 6], bottleneck=6, embedding=8)
MODELS = {
    "full": PhaseModel(network=NETWORK),
    "coarse": PhaseModel(
        network=NETWORK,
        diffusion=Diffusion(smallest=8),
        training=Training(sizes=[16]),
    ),
}
MAGNITUDE = np.random.default_rng(0).uniform(1, 900, (32, 32)).astype(np.float32)


@pytest.fixture(scope="module", params=MODELS)
def denoiser(request):
    torch.manual_seed(0)
    return Denoiser(MODELS[request.param]).eval()


def recorded(denoiser, sampler="dpm", steps=9, magnitude=MAGNITUDE):
    settings = Synthesis(sampler=sampler, steps=steps, batch=3)
    return record(denoiser, magnitude, generator(1, "a"), settings), settings


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_phase_is_the_one_that_is_sampled_unwatched(denoiser, sampler):
    way, settings = recorded(denoiser, sampler)
    stream = [generator(1, "a")]
    phase = sample_phase(denoiser, MAGNITUDE[None], stream, settings, progress=False)[0]
    np.testing.assert_array_equal(way.phase, phase)
    assert not denoiser._forward_hooks


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_step_is_there_once_in_the_order_of_its_plan(denoiser, sampler):
    way, settings = recorded(denoiser, sampler)
    coarsest, *finer = denoiser.grids(MAGNITUDE.shape)
    ladder = plan(denoiser, SAMPLERS[sampler], len(finer), settings.steps)
    due = [(coarsest, float(rung.now)) for rung in ladder]
    assert [(m.noisy.shape, m.alpha_bar) for m in way.moments] == due


def test_a_deterministic_step_leads_from_each_to_the_next():
    """DDIM's step, made here of the network's own estimate."""
    torch.manual_seed(0)
    denoiser = Denoiser(MODELS["full"]).eval()
    way, _ = recorded(denoiser, "ddim", 4)
    scaled = np.abs(clean_image(MAGNITUDE + 0j, MAGNITUDE.shape))
    magnitude = torch.from_numpy(scaled)[None, None]
    known = denoiser.known(magnitude)
    for here, after in zip(way.moments, way.moments[1:], strict=False):
        noisy = torch.from_numpy(here.noisy)[None, None]
        step, share = torch.tensor([here.timestep]), torch.tensor([here.alpha_bar])
        with torch.no_grad():
            clean = denoiser(noisy, known, step, share)
        clean = clean * (magnitude / clean.abs().clamp(min=1e-12)).clamp(max=1)
        clean, noisy = clean[0, 0].numpy(), noisy[0, 0].numpy()
        noise = (noisy - np.sqrt(here.alpha_bar) * clean) / np.sqrt(1 - here.alpha_bar)
        due = np.sqrt(after.alpha_bar) * clean + np.sqrt(1 - after.alpha_bar) * noise
        np.testing.assert_allclose(after.noisy, due, atol=1e-3)


def test_forward_keeps_grids_and_shares(denoiser):
    way, _ = recorded(denoiser)
    clean = clean_image(MAGNITUDE * np.exp(0.5j), MAGNITUDE.shape)
    noisy = forward(denoiser, clean, way.moments, generator(1, "b"))
    assert [image.shape for image in noisy] == [m.noisy.shape for m in way.moments]
    least = way.moments[-1]
    seen = resample(clean, least.noisy.shape) * np.sqrt(least.alpha_bar)
    np.testing.assert_allclose(noisy[-1], seen, atol=5 * least.level)
    assert np.mean(np.abs(noisy[0]) ** 2) == pytest.approx(1, abs=0.5)


def test_levels_are_of_noise_over_signal(denoiser):
    moments = recorded(denoiser)[0].moments
    for moment in moments:
        assert moment.level**2 * moment.alpha_bar == pytest.approx(1 - moment.alpha_bar)
        assert 0 < moment.timestep <= 1000


def test_a_clean_image_has_the_frame_of_the_network_and_its_scale():
    image = np.full((30, 30), 7 * np.exp(1j))
    clean = clean_image(image, (32, 32))
    assert clean.dtype == np.complex64 and clean.shape == (32, 32)
    np.testing.assert_allclose(clean[1:-1, 1:-1], np.exp(1j), rtol=1e-6)
    assert not clean_image(0 * image, (32, 32)).any()
