"""Spread is 0 where all samples agree, near 1 where they know nothing of each other."""

import numpy as np
import pytest

from phasegen.metrics.spread import circular_spread, comparable_spread, spread_table
from phasegen.metrics.tissue import tissue_mask

SAMPLES = 64


@pytest.fixture
def head(cohort):
    return cohort.phase[0], cohort.magnitude[0], tissue_mask(cohort.magnitude[0])


def test_the_same_phase_but_for_a_global_one_has_no_spread(head):
    phase, magnitude, tissue = head
    turns = np.linspace(0, 6, SAMPLES, dtype=np.float32)
    spread = circular_spread(phase + turns[:, None, None], magnitude, tissue)
    assert spread == pytest.approx(0, abs=1e-6)


def test_uniform_samples_have_the_spread_of_a_random_walk(head):
    phase, magnitude, tissue = head
    uniform = np.random.default_rng(0).uniform(-np.pi, np.pi, (SAMPLES, *phase.shape))
    expected = 1 - np.sqrt(np.pi / (4 * SAMPLES))
    assert circular_spread(uniform, magnitude, tissue) == pytest.approx(expected, abs=0.02)


def test_normal_samples_have_the_spread_of_the_wrapped_normal(head):
    phase, magnitude, tissue = head
    noise = np.random.default_rng(0).normal(0, 0.5, (400, *phase.shape))
    spread = circular_spread(phase + noise, magnitude, tissue)
    assert spread == pytest.approx(1 - np.exp(-(0.5**2) / 2), abs=0.005)


def test_what_is_outside_the_tissue_has_no_say(head):
    phase, magnitude, tissue = head
    noise = np.random.default_rng(0).uniform(-np.pi, np.pi, (SAMPLES, *phase.shape))
    spread = circular_spread(np.where(tissue, phase, noise), magnitude, tissue)
    assert spread == pytest.approx(0, abs=1e-6)


def test_slices_are_compared_with_their_kind(cohort):
    tissue = tissue_mask(cohort.magnitude)
    kinds = ["same"] * 8 + ["different"] * 8 + ["few"] * 7 + ["rest"] * 25
    phase = cohort.phase.copy()
    phase[:8] = phase[0]
    random = np.random.default_rng(0)
    spread = comparable_spread(phase, cohort.magnitude, tissue, kinds, 8, random)
    assert set(spread) == {"same", "different", "rest"}
    assert spread["same"] < 0.1 * spread["different"]


def test_the_table_has_a_row_for_each_source_and_contrast(cohort):
    images = cohort.magnitude * np.exp(1j * cohort.phase)
    contrasts = np.tile(["T1w", "T2w"], len(images) // 2)
    kinds = list(zip(contrasts, [0] * len(images), strict=True))
    same = np.stack([cohort.phase[:6]] * 4)
    repeats = {"same": same, "other": np.random.default_rng(0).uniform(-3, 3, same.shape)}
    data = (repeats, cohort.magnitude[:6], contrasts[:6], np.random.default_rng(1))
    table = spread_table(images, kinds, *data).set_index(["source", "contrast"])
    assert set(table.index) == {(s, c) for s in repeats for c in ("all", "T1w", "T2w")}
    assert table.loc["same", "spread"].max() < 1e-6
    assert (table.loc["other", "spread"] > table.loc["other", "spread_true"]).all()
    assert (table["spread_true"] > 0.02).all()


def test_without_comparable_slices_the_true_spread_is_unknown(cohort):
    images = cohort.magnitude[:6] * np.exp(1j * cohort.phase[:6])
    kinds = [("T1w", position) for position in range(6)]
    repeats = {"same": np.stack([cohort.phase[:6]] * 4)}
    contrasts = np.array(["T1w"] * 6)
    random = np.random.default_rng(0)
    table = spread_table(images, kinds, repeats, cohort.magnitude[:6], contrasts, random)
    assert table["spread_true"].isna().all()
    assert table["spread"].max() < 1e-6
