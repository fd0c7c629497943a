"""The fewest evaluations that are as good as many."""

import numpy as np
import pandas as pd
import pytest

from phasegen.metrics.comparison import compare_runs

# Share of the slices' phase that is replaced by noise, of each run.
RUNS = {("a", 100): 0.0, ("a", 20): 0.0, ("a", 5): 0.5, ("b", 100): 1.0, ("b", 2): 1.0}


@pytest.fixture
def table(cohort):
    random = np.random.default_rng(0)
    runs = pd.DataFrame(RUNS.keys(), columns=["model", "evaluations"])
    phases = []
    for share in RUNS.values():
        worse = random.random(len(cohort.phase)) < share
        noise = random.uniform(-np.pi, np.pi, cohort.phase.shape)
        phases.append(np.where(worse[:, None, None], noise, cohort.phase))
    data = (cohort.magnitude, cohort.phase, cohort.subjects)
    return compare_runs(runs, phases, *data, 0.1, "a", random).set_index(["model", "evaluations"])


def test_the_fewest_evaluations_within_the_margin_of_the_better_model_are_chosen(table):
    assert list(table.index[table["chosen"]]) == [("a", 20)]


def test_differences_are_to_the_longest_run_of_the_same_model(table):
    assert table.loc[("a", 100), "difference"] == 0
    assert table.loc[("a", 20), "difference"] == 0
    assert table.loc[("b", 100), "difference_high"] == 0
    worse = table.loc[("a", 5)]
    assert 0 < worse["difference_low"] < worse["difference"] < worse["difference_high"]
    assert worse["difference"] == pytest.approx(worse["residues"] - worse["residues_true"])


def test_the_true_phase_is_at_no_distance_from_itself(table):
    assert table.loc[("a", 20), "gradient_distance"] == pytest.approx(0, abs=1e-9)
    assert table.loc[("b", 2), "gradient_distance"] > 0.5
    assert table.loc[("b", 2), "residues"] == pytest.approx(1000 / 3, rel=0.05)
