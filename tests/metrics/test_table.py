"""One row per source and contrast; intervals cover; the floor is lowest."""

import numpy as np
import pytest

from phasegen.diffusion.baselines import BASELINES
from phasegen.errors import UserError
from phasegen.metrics.curves import realism_curves
from phasegen.metrics.halves import random_halves
from phasegen.metrics.intervals import mean_interval
from phasegen.metrics.table import realism_table

DISTANCES = ("gradient_distance", "peak_distance", "spectrum_distance")


@pytest.fixture(scope="module")
def phases(cohort):
    random = np.random.default_rng(0)
    return {"random": np.stack([BASELINES["random"](m, random) for m in cohort.magnitude])}


@pytest.fixture(scope="module")
def table(cohort, phases):
    """The last slice is blank."""
    magnitude = np.concatenate([cohort.magnitude, np.zeros((1, 32, 32), np.float32)])
    truth = np.concatenate([cohort.phase, cohort.phase[:1]])
    sources = {name: np.concatenate([p, p[:1]]) for name, p in phases.items()}
    subjects = np.append(cohort.subjects, "sub-00")
    contrasts = np.resize(["T1w", "T2w"], len(truth))
    return realism_table(magnitude, truth, sources, subjects, contrasts, 3, halvings=2)


def test_a_row_for_every_source_and_contrast(table):
    places = list(zip(table["contrast"], table["source"], strict=True))
    assert places == [(c, s) for c in ("all", "T1w", "T2w") for s in ("random", "real")]
    assert table["slices"].tolist() == [48] * 2 + [24] * 4
    assert (table["subjects"] == 12).all()


def test_the_floor_is_lowest(table):
    rows = table[table["contrast"] == "all"].set_index("source")
    for distance in (*DISTANCES, "auroc"):
        assert rows.loc["real", distance] < rows.loc["random", f"{distance}_low"]
    assert rows.loc["real", "gradient_distance"] > 0, "halves share no subject"
    assert rows.loc["real", "residues"] == rows.loc["random", "residues_true"]
    assert rows.loc["random", "residues"] == pytest.approx(333, rel=0.1)
    assert rows.loc["real", "peak_offset"] < 2 < rows.loc["random", "peak_offset"]


@pytest.mark.parametrize("column", ["residues", "auroc", *DISTANCES])
def test_intervals_hold_their_estimates(table, column):
    assert (table[f"{column}_low"] <= table[column] + 1e-9).all()
    assert (table[f"{column}_high"] >= table[column] - 1e-9).all()


def test_too_few_subjects_are_refused(cohort, phases):
    few = {name: phase[:12] for name, phase in phases.items()}
    arrays = cohort.magnitude[:12], cohort.phase[:12], few, cohort.subjects[:12]
    with pytest.raises(UserError, match="4 subjects"):
        realism_table(*arrays, np.full(12, "T1w"), 0)


def test_halves_are_halves():
    halves = random_halves(11, np.random.default_rng(0), 200)
    assert (halves.sum(axis=1) == 5).all()
    assert np.abs(halves.mean(axis=0) - 5 / 11).max() < 0.15


def test_intervals_over_subjects_cover_the_mean():
    """Slices of a subject share most of their deviation; taken one by one they would mislead."""
    random, covered = np.random.default_rng(2), 0
    subjects = np.repeat(np.arange(25), 6)
    for _ in range(300):
        values = np.repeat(random.normal(size=25), 6) + random.normal(0, 0.2, 150)
        _, low, high = mean_interval(values, subjects, random)
        covered += low < 0 < high
    assert 0.89 < covered / 300 < 0.98


def test_curves_are_densities(cohort):
    curves = realism_curves(cohort.magnitude, {"real": cohort.phase, "none": 0 * cohort.phase})
    sums = curves.groupby(["curve", "source"])["y"].sum()
    np.testing.assert_allclose(sums["gradient"] * 2 * np.pi / 128, 1)
    np.testing.assert_allclose(sums["spectrum"], 1)
