"""Phase depends on the slice and its seed, on nothing else."""

import numpy as np
import pytest
import torch

from phasegen.diffusion import weights
from phasegen.diffusion.baselines import BASELINES, naive_phase
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.generate import sample_phase
from phasegen.seeds import generator
from phasegen.settings import Network, PhaseModel, Synthesis

MODEL = PhaseModel(network=Network(widths=[4, 6], bottleneck=6, embedding=8))


@pytest.fixture(scope="module")
def denoiser():
    torch.manual_seed(0)
    return Denoiser(MODEL).eval()


@pytest.fixture(scope="module")
def magnitude():
    return np.random.default_rng(0).uniform(0, 900, (10, 16, 16)).astype(np.float32)


def phases(denoiser, magnitude, rows, **changes):
    streams = [generator(1, "phasegen", row) for row in rows]
    settings = Synthesis(steps=4, batch=4).model_copy(update=changes)
    return sample_phase(denoiser, magnitude[rows], streams, settings)


@pytest.mark.parametrize("sampler", ["ddim", "ancestral"])
def test_same_bits_in_any_company(denoiser, magnitude, sampler):
    everything = phases(denoiser, magnitude, list(range(10)), sampler=sampler)
    for rows in ([3], [9, 0], [7, 1, 2, 3, 4, 5, 8]):
        some = phases(denoiser, magnitude, rows, sampler=sampler)
        np.testing.assert_array_equal(some, everything[rows])


def test_other_batch_sizes_agree_within_rounding(denoiser, magnitude):
    rows = list(range(10))
    one = np.exp(1j * phases(denoiser, magnitude, rows, batch=4)) * magnitude
    two = np.exp(1j * phases(denoiser, magnitude, rows, batch=7)) * magnitude
    assert np.abs(one - two).max() <= 1e-4 * magnitude.max()


def test_another_seed_gives_another_phase(denoiser, magnitude):
    streams = [generator(2, "phasegen", 0)]
    other = sample_phase(denoiser, magnitude[:1], streams, Synthesis(steps=4, batch=4))
    assert not np.allclose(other, phases(denoiser, magnitude, [0]))


def test_the_unit_of_the_magnitude_does_not_matter(denoiser, magnitude):
    same = phases(denoiser, 4 * magnitude, [0, 1])
    np.testing.assert_array_equal(same, phases(denoiser, magnitude, [0, 1]))


def test_an_empty_slice_does_no_harm(denoiser):
    assert np.isfinite(phases(denoiser, np.zeros((1, 16, 16), np.float32), [0])).all()


def test_saved_model_gives_the_same_bits(denoiser, magnitude, tmp_path):
    weights.save(tmp_path / "model.safetensors", denoiser, {"seed": 3})
    loaded, facts = weights.load(tmp_path / "model.safetensors")
    assert facts == {"seed": 3}
    same = phases(loaded, magnitude, [0, 1])
    np.testing.assert_array_equal(same, phases(denoiser, magnitude, [0, 1]))


@pytest.mark.parametrize("content", [None, b"", b"no model", b"\xff" * 100])
def test_a_file_that_is_no_model_is_named(tmp_path, content):
    path = tmp_path / "model.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(weights.BadModel, match=r"model\.safetensors"):
        weights.load(path)


@pytest.mark.parametrize("sampler", ["ddim", "ancestral"])
def test_too_little_memory_halves_the_batch_and_draws_the_same_noise(
    denoiser, magnitude, sampler, monkeypatch, caplog
):
    """In the midst of the second batch, when noise of a batch and a half has been drawn."""
    halved = phases(denoiser, magnitude, list(range(10)), sampler=sampler, batch=2)
    forward, calls = Denoiser.forward, []

    def small(self, noisy, *rest):
        calls.append(len(noisy))
        if len(noisy) > 2 and len(calls) > 6:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, noisy, *rest)

    monkeypatch.setattr(Denoiser, "forward", small)
    found = phases(denoiser, magnitude, list(range(10)), sampler=sampler, batch=4)
    assert 4 in calls
    np.testing.assert_array_equal(found, halved)
    assert "no memory for 4 slices at once; beginning anew with 2" in caplog.text


@pytest.mark.parametrize("source", sorted(BASELINES))
def test_baselines_give_a_phase_for_every_pixel(source):
    phase = BASELINES[source](np.ones((6, 8), np.float32), generator(1, source))
    assert phase.shape == (6, 8)
    assert phase.dtype == np.float32
    assert np.isfinite(phase).all()


def test_naive_phase_follows_its_equation():
    random = np.random.default_rng(0)
    magnitude = random.uniform(size=(64, 64)).astype(np.float32)
    phase = naive_phase(magnitude, random)
    y, x = np.mgrid[:64, :64]
    scaled = (magnitude - magnitude.min()) / np.ptp(magnitude)
    wave = (np.sin(2 * np.pi * x / 64) + np.cos(2 * np.pi * y / 64)) * scaled
    assert np.std(phase - wave) == pytest.approx(0.05, rel=0.05)


def test_random_phase_is_uniform():
    phase = BASELINES["random"](np.ones((200, 200), np.float32), np.random.default_rng(0))
    assert np.abs(np.exp(1j * phase).mean()) < 0.02
    assert phase.min() < -3.1 < 3.1 < phase.max()
