"""Training, choice and evaluation of skull-stripping on discs in rings."""

import json

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.fourier import to_kspace
from phasegen.metrics.segmentation import segmentation_row
from phasegen.nn.weights_file import BadModel
from phasegen.steps.choice import choose_hyperparameters
from phasegen.steps.skull_strip import train_skull_strip
from phasegen.steps.skull_strip_evaluation import SWEPT, evaluate_skull_strip
from phasegen.tasks.brain_mask import brain_masks, choose_factor
from phasegen.tasks.skull_strip_sweep import changed
from phasegen.tasks.skull_strip_weights import load

from ..sealed import seal_slices

SIZE, SLICES = 16, 24
SUBJECTS = ("a", "b", "c", "d")
MODEL = {
    "network": {"domain": "image", "widths": [6], "bottleneck": 8},
    "training": {
        "epochs": 12, "batch": 6, "learning_rate": 1e-2, "decay": 0.9, "average": 0, "threads": 1
    },
    "loss": {"kspace": 0},
}  # fmt: skip


def heads(count, seed):
    """Bright discs in fainter rings: images complex64, masks bool ``(slice, 1, y, x)``."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    centre = random.uniform(-1.5, 1.5, (count, 2, 1, 1))
    radius = np.hypot(y - centre[:, 0], x - centre[:, 1])
    brain, skull = radius < 3.5, (radius > 5) & (radius < 7)
    phase = random.uniform(-3, 3, (count, 1, 1))
    noise = 0.02 * random.normal(size=(2, count, SIZE, SIZE))
    images = (brain + 0.5 * skull) * np.exp(1j * phase) + noise[0] + 1j * noise[1]
    return images.astype(np.complex64)[:, None], brain[:, None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads")
    images, masks = heads(SLICES, 0)
    kspace = to_kspace(images).astype(np.complex64)
    seal_slices(folder / "kspace.zarr", "kspace", kspace, 10, SUBJECTS, "heads")
    seal_slices(folder / "images.zarr", "images", images, 10, SUBJECTS, "raw")
    seal_slices(folder / "mask.zarr", "mask", masks, 10, SUBJECTS, "heads")
    images, masks = heads(12, 1)
    seal_slices(folder / "test.zarr", "images", images, 10, ("x", "y"), "test")
    seal_slices(folder / "truth.zarr", "mask", masks, 10, ("x", "y"), "test")
    rated = np.arange(12) >= 6
    np.savez(folder / "staple.npz", mask=masks[:, 0].astype(np.uint8), rated=rated)
    return folder


def train(folder, out, store="kspace.zarr", changes=None, number=1, model=MODEL, **options):
    train_skull_strip(
        folder / store,
        folder / "mask.zarr",
        None,
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


def evaluate(folder, weights, out, truth=True, sweep=None, consensus="staple.npz"):
    evaluate_skull_strip(
        weights,
        folder / "test.zarr",
        folder / consensus,
        folder / "truth.zarr" if truth else None,
        sweep or {},
        "naive",
        1,
        out / "table.parquet",
        out / "predictions.npz",
    )
    return pd.read_parquet(out / "table.parquet")


def test_a_ring_is_stripped_off(folder, trained, tmp_path):
    rows = evaluate(folder, trained, tmp_path)
    assert load(trained).facts["validation_dice"] > 0.85
    assert rows["dice"].mean() > 0.85
    masks = np.load(tmp_path / "predictions.npz")["mask"]
    first = segmentation_row(masks[0] > 0, heads(12, 1)[1][0, 0], None)
    row = rows[(rows["truth"] == "mask") & (rows["slice"] == 0) & (rows["subject"] == "x")]
    assert row["dice"].item() == first["dice"]


def test_a_slice_has_a_row_for_each_truth_that_knows_it(folder, trained, tmp_path):
    rows = evaluate(folder, trained, tmp_path)
    assert rows.groupby("truth").size().to_dict() == {"mask": 12, "staple": 6}
    assert set(rows.loc[rows["truth"] == "staple", "subject"]) == {"y"}
    assert set(rows["contrast"]) == {"T1w"} and set(rows["source"]) == {"naive"}
    assert set(evaluate(folder, trained, tmp_path, truth=False)["truth"]) == {"staple"}


def test_a_cohort_without_any_true_mask_is_refused(folder, trained, tmp_path):
    with np.load(folder / "staple.npz") as file:
        mask, rated = file["mask"], file["rated"]
    np.savez(folder / "unrated.npz", mask=mask, rated=np.zeros_like(rated))
    with pytest.raises(UserError, match=r"unrated\.npz: no volume has a mask.*raters\.csv"):
        evaluate(folder, trained, tmp_path, truth=False, consensus="unrated.npz")
    assert not (tmp_path / "table.parquet").exists()


def test_changed_phase_is_seen_on_every_third_slice(folder, trained, tmp_path):
    sweep = {"echo_shift": [0.0, 4.0], "coil_phase": [2.0]}
    rows = evaluate(folder, trained, tmp_path, sweep=sweep)
    rows = rows[rows["truth"] == "mask"]
    assert rows.groupby(["knob", "level"]).size().to_dict() == {
        ("", 0.0): 12, ("echo_shift", 0.0): 4, ("echo_shift", 4.0): 4, ("coil_phase", 2.0): 4
    }  # fmt: skip
    untouched = rows[(rows["knob"] == "") & (rows["slice"] % SWEPT == 0)]
    same = rows[(rows["knob"] == "echo_shift") & (rows["level"] == 0)]
    np.testing.assert_allclose(untouched["dice"], same["dice"])
    moved = rows[(rows["knob"] == "echo_shift") & (rows["level"] == 4)]
    assert not np.allclose(moved["dice"], same["dice"])


def test_echo_shift_moves_the_peak_of_kspace():
    images = heads(1, 0)[0][:1, 0]
    peak, moved = (
        np.unravel_index(np.abs(to_kspace(values[0])).argmax(), values.shape[1:])
        for values in (images, changed(images, "echo_shift", 3))
    )
    assert (moved[0] - peak[0], moved[1] - peak[1]) == (3, 0)


def test_coil_phase_has_its_level_half_a_field_of_view_off_the_centre():
    phase = np.angle(changed(np.ones((1, 16, 16), np.complex64), "coil_phase", 3.0))[0]
    assert phase[8, 8] == 0 and phase[0, 8] == pytest.approx(3) and phase[8, 0] == pytest.approx(3)


def test_phase_is_taken_whole_times():
    images = heads(2, 0)[0][:, 0]
    np.testing.assert_allclose(changed(images, "phase_times", 0), np.abs(images), atol=1e-5)
    np.testing.assert_allclose(changed(images, "phase_times", 1), images, atol=1e-5)
    twice = changed(images, "phase_times", 2)
    np.testing.assert_allclose(twice * np.abs(images), images**2, rtol=1e-4, atol=1e-4)


def test_every_source_has_the_same_subjects_slices_and_epochs(folder, tmp_path):
    short = MODEL | {"training": MODEL["training"] | {"epochs": 1}}
    found = [
        train(folder, tmp_path / str(number), store, number=number, model=short)
        for store, number in (("kspace.zarr", 1), ("images.zarr", 1), ("kspace.zarr", 2))
    ]
    parts = [(f.facts["train_subjects"], f.facts["validation_subjects"]) for f in found]
    assert parts[0] == parts[1] == parts[2]
    assert not set(parts[0][0]) & set(parts[0][1])


def test_the_same_arguments_give_the_same_weights_and_another_number_others(folder, tmp_path):
    short = MODEL | {"training": MODEL["training"] | {"epochs": 2}}
    files = []
    for place, number in (("one", 1), ("again", 1), ("two", 2)):
        train(folder, tmp_path / place, number=number, model=short)
        files.append((tmp_path / place / "model.safetensors").read_bytes())
    assert files[0] == files[1] != files[2]


def test_a_finished_training_is_taken_up_from_its_checkpoints(folder, trained, tmp_path):
    before = trained.read_bytes()
    best = next((trained.parent / "checkpoints").rglob("best.ckpt"))
    stamp = best.stat().st_mtime_ns
    train(folder, trained.parent)
    assert trained.read_bytes() == before and best.stat().st_mtime_ns == stamp


def test_the_best_candidate_is_chosen_by_validation_and_used(folder, tmp_path):
    candidates = []
    for rate in (1e-6, 1e-2):
        out = tmp_path / str(rate)
        train(folder, out, changes={"learning_rate": rate}, number=0)
        candidates.append(({"learning_rate": rate}, out / "model.safetensors"))
    choose_hyperparameters(candidates, "validation_dice", tmp_path / "chosen.json")
    chosen = json.loads((tmp_path / "chosen.json").read_text())
    scores = [score["validation_dice"] for score in chosen["candidates"]]
    assert chosen["changes"] == {"learning_rate": 1e-2} and scores[1] > scores[0]
    final = train(
        folder,
        tmp_path,
        changes={"learning_rate": 1, "dropout": 0.1},
        chosen=tmp_path / "chosen.json",
    )
    assert final.network.settings.training.learning_rate == 1e-2
    assert final.network.settings.network.dropout == 0.1


@pytest.mark.parametrize("fact", ["train_subjects", "phase_model_subjects", "patients"])
def test_a_test_subject_that_anything_has_seen_is_refused(folder, trained, tmp_path, fact):
    from phasegen.tasks.skull_strip_weights import save

    stripper = load(trained)
    facts = stripper.facts | {fact: ["raw/x"]}
    save(tmp_path / "seen.safetensors", stripper._replace(facts=facts))
    with pytest.raises(UserError, match=r"was trained on subjects it is to be tested on: x"):
        evaluate(folder, tmp_path / "seen.safetensors", tmp_path)


def test_another_file_is_no_network(tmp_path):
    with pytest.raises(BadModel, match="no skull_strip of PhaseGen"):
        load(tmp_path / "absent.safetensors")


def test_holes_are_filled_and_the_level_follows_the_mean():
    ring = heads(1, 0)[1][0] * 1.0
    ring[0, 7:9, 7:9] = 0
    (mask,) = brain_masks(ring, 0.5)
    assert mask[7:9, 7:9].all()
    np.testing.assert_array_equal(brain_masks(1e6 * ring, 0.5)[0], mask)


def test_the_factor_is_that_of_the_best_dice():
    images, masks = heads(6, 2)
    factor, dice = choose_factor(np.abs(images[:, 0]), masks[:, 0])
    worse = [
        np.mean([segmentation_row(p, t, None)["dice"] for p, t in zip(
            brain_masks(np.abs(images[:, 0]), other), masks[:, 0], strict=True)])
        for other in (0.2, 1.0, 3.0)
    ]  # fmt: skip
    assert dice >= max(worse) and dice > 0.9 and 0.2 < factor < 3
