"""Figures 2 and 3 are drawn of the slices that all stores have in common."""

import numpy as np
import pandas as pd
import pytest
import torch

from phasegen.diffusion import weights
from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.trajectory import record
from phasegen.errors import UserError
from phasegen.fourier import to_image, to_kspace
from phasegen.seeds import generator
from phasegen.settings import Network, PhaseModel, Synthesis
from phasegen.steps import phase_figures as steps
from phasegen.steps.synthesize import synthesize
from phasegen.store.reading import open_store, read_index

from ..report.test_phase_pictures import PANEL
from ..sealed import seal_slices

SIZE, SLICES, SEED = 16, 12, 5
SUBJECTS = ("a", "b")
SYNTHESIS = Synthesis(steps=9, batch=6).model_dump(mode="json", exclude={"sources", "model"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads")
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    disc = (np.hypot(y, x) < 6) * np.linspace(1, 2, SLICES)[:, None, None]
    images = (disc * np.exp(1j * (0.9 * x - 0.4 * y))).astype(np.complex64)[:, None]
    magnitude, kspace = np.abs(images), to_kspace(images * np.exp(1j)).astype(np.complex64)
    seal_slices(folder / "magnitude.zarr", "magnitude", magnitude, 6, SUBJECTS, "heads")
    seal_slices(folder / "kspace.zarr", "kspace", kspace, 6, SUBJECTS, "heads")
    seal_slices(folder / "original.zarr", "images", images, 6, SUBJECTS, "true")
    seal_slices(folder / "others.zarr", "images", images, 6, ("c", "d"), "true")
    # Half of the slices, in other rows.
    seal_slices(folder / "half.zarr", "images", images[6:], 6, SUBJECTS[1:], "true")
    torch.manual_seed(0)
    model = PhaseModel(network=Network(widths=[4], bottleneck=4, embedding=8))
    weights.save(folder / "model.safetensors", Denoiser(model), {})
    return folder


def figure_two(folder, path, original="original.zarr", synthesis=SYNTHESIS):
    true = folder / original if original else None
    steps.figure_two(
        folder / "magnitude.zarr", true, folder / "model.safetensors", synthesis, SEED, path
    )
    return path.read_text()


def figure_three(folder, path, original="original.zarr"):
    steps.figure_three(folder / "magnitude.zarr", folder / original, folder / "kspace.zarr", path)
    return path.read_text()


@pytest.mark.parametrize("original", ["original.zarr", None])
@pytest.mark.parametrize("sampler", ["dpm", "heun", "ancestral"])
def test_figure_two_shows_seven_levels_and_the_end(folder, tmp_path, original, sampler):
    text = figure_two(folder, tmp_path / "a.svg", original, SYNTHESIS | {"sampler": sampler})
    shown = 5 if sampler == "heun" else steps.LEVELS
    assert text.count(PANEL) == 4 * (shown + 1)


def test_figure_two_shows_the_way_to_the_phase_in_the_store(folder, tmp_path):
    record_path, store = tmp_path / "0.parquet", tmp_path / "kspace.zarr"
    path = folder / "model.safetensors"
    for shard in (0, 1):
        synthesize(
            folder / "magnitude.zarr", "phasegen", shard, SYNTHESIS, SEED, path, store, record_path
        )
    seal = folder / "kspace.zarr" / "zarr.json"
    (store / "zarr.json").write_bytes(seal.read_bytes())
    index = read_index(folder / "magnitude.zarr")
    key = index.loc[7, ["cohort", "subject", "series", "slice"]]
    magnitude = open_store(folder / "magnitude.zarr")[7, 0]
    denoiser, _ = weights.load(path)
    settings = Synthesis.model_validate(SYNTHESIS)
    way = record(denoiser, magnitude, generator(SEED, "phasegen", *key), settings)
    found = to_image(open_store(store)[7, 0])
    np.testing.assert_allclose(magnitude * np.exp(1j * way.phase), found, atol=1e-5)


def test_few_steps_are_all_shown(folder, tmp_path):
    text = figure_two(folder, tmp_path / "a.svg", synthesis=SYNTHESIS | {"steps": 3})
    assert text.count(PANEL) == 4 * (3 + 1)


def test_figure_three_shows_slices_of_every_volume(folder, tmp_path):
    text = figure_three(folder, tmp_path / "a.svg")
    assert text.count(PANEL) == steps.SLICES * (3 + 2 * len(steps.METHODS))
    assert text == figure_three(folder, tmp_path / "b.svg")


@pytest.mark.parametrize("draw", [figure_two, figure_three])
def test_a_store_of_other_slices_is_named(folder, tmp_path, draw):
    with pytest.raises(UserError, match=r"others\.zarr has no slice of .*magnitude\.zarr"):
        draw(folder, tmp_path / "a.svg", "others.zarr")
    assert not (tmp_path / "a.svg").exists()


def test_slices_are_matched_by_their_names_not_by_their_rows(folder):
    shared = steps.same_slices(folder / "magnitude.zarr", folder / "half.zarr")
    half = read_index(folder / "half.zarr")
    assert len(shared) == len(half) == 6
    names = ["subject", "series", "slice"]
    pd.testing.assert_frame_equal(
        shared[names], half.loc[shared["row_original"], names].reset_index(drop=True)
    )
    images = open_store(folder / "half.zarr").oindex[shared["row_original"].to_numpy()]
    magnitude = open_store(folder / "magnitude.zarr").oindex[shared["row"].to_numpy()]
    np.testing.assert_allclose(np.abs(images), magnitude, rtol=1e-6)
