"""Training, mixing, choice and evaluation of reconstruction on discs with a phase."""

import json

import numpy as np
import pandas as pd
import pytest

from phasegen.data.paper_split import LEAKY
from phasegen.errors import UserError
from phasegen.fourier import to_kspace
from phasegen.metrics.reconstruction import fastmri_row, reconstruction_row
from phasegen.nn.weights_file import BadModel
from phasegen.steps.choice import choose_hyperparameters
from phasegen.steps.mixed_split import mixed_split, read_split
from phasegen.steps.reconstruction import train_reconstruction
from phasegen.steps.reconstruction_evaluation import evaluate_reconstruction
from phasegen.steps.reconstruction_floors import choose_weight, evaluate_floor, reconstruct_cohort
from phasegen.tasks.reconstruction_weights import load, save

from ..sealed import seal_slices

SIZE, SLICES = 32, 48
SUBJECTS = ("a", "b", "c", "d")
SAMPLING = {"kind": "random", "factor": 4, "centre": 0.1, "axis": "kx", "per": "volume"}
MODEL = {
    "network": {"widths": [6], "bottleneck": 8, "consistency": "both"},
    "training": {
        "epochs": 20, "batch": 6, "learning_rate": 1e-2, "decay": 0.9, "average": 0, "threads": 1
    },
}  # fmt: skip
SHORT = MODEL | {"training": MODEL["training"] | {"epochs": 1}}


def discs(count, seed):
    """Discs with a smooth phase and a little noise, complex64 ``(slice, 1, y, x)``."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    centre = random.uniform(-3, 3, (count, 2, 1, 1))
    radius = np.hypot(y - centre[:, 0], x - centre[:, 1])
    magnitude = (radius < random.uniform(6, 12, (count, 1, 1))) + 0.5 * (radius < 4)
    phase = random.uniform(-0.1, 0.1, (count, 1, 1)) * x + random.uniform(-3, 3, (count, 1, 1))
    noise = 0.01 * random.normal(size=(2, count, SIZE, SIZE))
    images = magnitude * np.exp(1j * phase) + noise[0] + 1j * noise[1]
    return images.astype(np.complex64)[:, None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("discs")
    images = discs(SLICES, 0)
    synthetic = to_kspace(np.abs(images)).astype(np.complex64)
    seal_slices(folder / "kspace.zarr", "kspace", synthetic, 10, SUBJECTS, "heads")
    seal_slices(folder / "images.zarr", "images", images, 10, SUBJECTS, "raw")
    seal_slices(folder / "test.zarr", "images", discs(12, 1), 10, ("x", "y"), "test")
    for share in (10, 50):
        mixed_split(
            folder / "images.zarr", folder / "kspace.zarr", "none", 0.1, share, 3, 1,
            folder / f"{share}.parquet",
        )  # fmt: skip
    return folder


def train(folder, out, sources=("original",), changes=None, number=1, model=MODEL, **options):
    stores = {"original": folder / "images.zarr", "none": folder / "kspace.zarr"}
    train_reconstruction(
        {source: stores[source] for source in sources},
        None,
        SAMPLING,
        model,
        changes or {},
        number,
        3,
        "0",
        out / "checkpoints",
        out / "model.safetensors",
        out / "history.csv",
        **options,
    )
    return load(out / "model.safetensors")


@pytest.fixture(scope="module")
def trained(folder):
    train(folder, folder / "trained")
    return folder / "trained" / "model.safetensors"


NAMES = {"source": "original", "share": np.nan, "seed": 1, "model": "small"}


def evaluate(folder, weights, out, images="test.zarr", **options):
    table = out / "table.parquet"
    evaluate_reconstruction(weights, folder / images, SAMPLING, 3, NAMES, table, **options)
    return pd.read_parquet(table)


def floor(folder, out, source="zerofilling", images="test.zarr", **options):
    table = out / f"{source}.parquet"
    evaluate_floor(folder / images, SAMPLING, 3, source, table, **options)
    return pd.read_parquet(table)


def test_a_trained_network_is_better_than_zero_filling(folder, trained, tmp_path):
    rows, zero = evaluate(folder, trained, tmp_path), floor(folder, tmp_path)
    assert rows["psnr"].mean() > zero["psnr"].mean() + 1
    assert rows["ssim"].mean() > zero["ssim"].mean()
    assert load(trained).facts["validation_psnr"] > zero["psnr"].mean() + 1
    same = ["cohort", "subject", "series", "slice", "factor"]
    pd.testing.assert_frame_equal(rows[same], zero[same])


def test_compressed_sensing_with_a_weight_of_validation_is_better_too(folder, tmp_path):
    chosen = tmp_path / "chosen.json"
    choose_weight(folder / "images.zarr", 0.1, SAMPLING, 3, [10, 0.003], chosen)
    content = json.loads(chosen.read_text())
    assert content["weight"] == 0.003
    assert content["validation_psnr"]["0.003"] > content["validation_psnr"]["10"]
    rows = floor(folder, tmp_path, "compressed_sensing", chosen=chosen)
    assert rows["psnr"].mean() > floor(folder, tmp_path)["psnr"].mean() + 0.5


def test_tables_hold_what_the_images_of_the_sheet_give(folder, trained, tmp_path):
    rows = evaluate(folder, trained, tmp_path)
    found = {}
    for source, weights in (("target", None), ("original", trained)):
        out = tmp_path / f"{source}.npz"
        reconstruct_cohort(folder / "test.zarr", SAMPLING, 3, source, out, weights=weights)
        found[source] = np.load(out)["magnitude"]
    pair = found["original"], found["target"]
    for number, images in enumerate(zip(*pair, strict=True)):
        expected = reconstruction_row(*images)
        for name, value in expected.items():
            assert rows[name].iloc[number] == pytest.approx(value, rel=1e-4)
    first = (rows["subject"] == "x").to_numpy()
    for name, value in fastmri_row(*(images[first] for images in pair)).items():
        assert rows.loc[first, name].nunique() == 1
        assert rows.loc[first, name].iloc[0] == pytest.approx(value, rel=1e-4)


def test_a_volume_has_one_mask_and_a_slice_its_own_by_option(folder, tmp_path):
    from phasegen.tasks.measurement import Sampling

    names = pd.DataFrame({"subject": ["x", "x", "y"], "series": "s", "slice": [0, 1, 0]})
    masks = Sampling(**SAMPLING, seed=3).fixed(names, (SIZE, SIZE))
    assert masks.shape == (3, SIZE)
    assert (masks[0] == masks[1]).all() and (masks[0] != masks[2]).any()
    own = Sampling(**SAMPLING | {"per": "slice"}, seed=3).fixed(names, (SIZE, SIZE))
    assert (own[0] != own[1]).any()


@pytest.mark.parametrize("axis", ["kx", "ky"])
def test_lines_that_were_not_measured_play_no_part(axis):
    import torch

    from phasegen.tasks.measurement import measured

    random = np.random.default_rng(0)
    lines = random.random((2, SIZE)) < 0.5
    images = torch.from_numpy(discs(2, 0))
    seen = measured(images, lines, axis)
    kspace = seen.kspace[:, 0].abs().amax(dim=1 if axis == "kx" else 2).numpy()
    assert ((kspace > 0) == lines).all()
    torch.testing.assert_close(
        seen.kspace * seen.scale, torch.where(seen.mask, to_kspace(images), 0)
    )


def test_every_arm_has_the_same_subjects_and_slices(folder, tmp_path):
    found = [
        train(folder, tmp_path / source, (source,), model=SHORT) for source in ("original", "none")
    ]
    parts = [(f.facts["train_subjects"], f.facts["validation_subjects"]) for f in found]
    assert parts[0] == parts[1] and not set(parts[0][0]) & set(parts[0][1])


def test_mixes_have_the_subjects_of_the_arms_and_differ_by_mode_and_share(folder, tmp_path):
    start = tmp_path / "none" / "model.safetensors"
    whole = train(folder, tmp_path / "none", ("none",), model=SHORT)
    states = []
    for mode, share, sources, options in (
        ("mixed", 10, ("original", "none"), {}),
        ("mixed", 50, ("original", "none"), {}),
        ("only", 10, ("original",), {}),
        ("tuned", 10, ("original",), {"start": start}),
    ):
        out = tmp_path / f"{mode}{share}"
        mix = folder / f"{share}.parquet"
        found = train(folder, out, sources, model=SHORT, mix=mix, mode=mode, **options)
        assert found.facts["train_subjects"] == whole.facts["train_subjects"]
        states.append((out / "model.safetensors").read_bytes())
    assert len(set(states)) == 4


def test_fewer_slices_are_seen_as_often_in_all(folder, tmp_path, caplog):
    caplog.set_level("INFO")
    mix = folder / "10.parquet"
    train(folder, tmp_path, model=SHORT, mix=mix, mode="only")
    assert f"training on {len(read_split(mix))} slices" in caplog.text


def test_a_network_that_is_tuned_goes_on_from_where_it_starts(folder, trained, tmp_path):
    slow = {"learning_rate": 1e-9}
    mix = folder / "10.parquet"
    tuned = train(folder, tmp_path, changes=slow, model=SHORT, mix=mix, mode="tuned", start=trained)
    before, after = (found.network.unet.last.weight for found in (load(trained), tuned))
    np.testing.assert_allclose(before.detach(), after.detach(), atol=1e-5)


def test_the_same_arguments_give_the_same_weights_and_another_number_others(folder, tmp_path):
    files = []
    for place, number in (("one", 1), ("again", 1), ("two", 2)):
        train(folder, tmp_path / place, number=number, model=SHORT)
        files.append((tmp_path / place / "model.safetensors").read_bytes())
    assert files[0] == files[1] != files[2]


def test_the_best_candidate_is_chosen_by_validation_and_used(folder, trained, tmp_path):
    train(folder, tmp_path, changes={"learning_rate": 1e-7}, number=0)
    candidates = [({"learning_rate": 1e-7}, tmp_path / "model.safetensors")]
    candidates.append(({"learning_rate": 1e-2}, trained))
    choose_hyperparameters(candidates, "validation_psnr", tmp_path / "chosen.json")
    assert json.loads((tmp_path / "chosen.json").read_text())["changes"] == {"learning_rate": 1e-2}


@pytest.mark.parametrize("fact", ["train_subjects", "phase_model_subjects", "patients"])
def test_a_test_subject_that_anything_has_seen_is_refused(folder, trained, tmp_path, fact):
    found = load(trained)
    save(tmp_path / "seen.safetensors", found._replace(facts=found.facts | {fact: ["raw/x"]}))
    with pytest.raises(UserError, match=r"was trained on subjects it is to be tested on: x"):
        evaluate(folder, tmp_path / "seen.safetensors", tmp_path)


def test_the_split_of_the_paper_tests_other_slices_of_the_same_subjects_and_says_so(
    folder, tmp_path, caplog
):
    caplog.set_level("INFO")
    train(folder, tmp_path, model=SHORT, split="paper")
    rows = evaluate(folder, tmp_path / "model.safetensors", tmp_path, "images.zarr", split="paper")
    assert len(rows) == round(0.2 * SLICES) and set(rows["subject"]) <= set(SUBJECTS)
    assert set(rows["cohort"]) == {f"raw ({LEAKY})"}
    counts = [int(word) for word in caplog.text.split() if word.isdigit()]
    assert SLICES - len(rows) in (counts[i] + counts[i + 1] for i in range(len(counts) - 1))
    with pytest.raises(UserError, match="trained on subjects it is to be tested on"):
        evaluate(folder, tmp_path / "model.safetensors", tmp_path, "images.zarr")


def test_another_file_is_no_network(tmp_path):
    with pytest.raises(BadModel, match="no reconstruction of PhaseGen"):
        load(tmp_path / "absent.safetensors")
