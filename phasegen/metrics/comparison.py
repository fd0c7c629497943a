"""Which sampler and how many evaluations will do: paired differences to a longest run."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from phasegen.metrics.intervals import bootstrap_weights, interval
from phasegen.metrics.laws import Laws, distances, measure


def compare_runs(
    runs: pd.DataFrame,
    phases: Sequence[np.ndarray],
    magnitude: np.ndarray,
    truth: np.ndarray,
    subjects: np.ndarray,
    margin: float,
    model: str,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """The ``runs`` with their quality, and the one that is chosen.

    New columns: ``residues`` per 1000 loops of tissue, ``residues_true``; ``difference`` of
    the residues to those of the run of the same model with the most evaluations; of both
    the 95 % bootstrap interval over subjects (``_low``, ``_high``); ``gradient_distance``
    [rad/pixel] and ``spectrum_distance`` [dB] to the true phase of the same slices;
    ``chosen``: among the runs of ``model`` the fewest evaluations of which ``difference_high``
    is below ``margin``, the fewest residues among equals.

    Args:
        runs: columns model, evaluations and others; one row per run.
        phases: [rad] of each run, ``(slice, y, x)``.
        magnitude, truth: likewise, the truth in [rad].
        subjects: name per slice.
        margin: residues per 1000 loops.
        model: the one that the choice is for. Models are not weighed against each other by their
            residues: one that hardly varies has none.
    """
    names, owners = np.unique(subjects, return_inverse=True)
    weights = np.vstack([np.ones(len(names)), bootstrap_weights(len(names), generator)])
    real = measure(truth, magnitude).by_subject(owners)
    laws = [measure(phase, magnitude).by_subject(owners) for phase in phases]
    rates = [each.weighted(weights).residue_rate() for each in laws]
    longest = runs.groupby("model")["evaluations"].transform("idxmax")
    rows = [
        _intervals("residues", rates[run])
        | _intervals("difference", rates[run] - rates[longest.iloc[run]])
        | _distances(laws[run], real)
        for run in range(len(runs))
    ]
    table = pd.concat([runs, pd.DataFrame(rows, index=runs.index)], axis=1)
    once = weights[:1]
    table["residues_true"] = float(real.weighted(once).residue_rate()[0])
    return table.assign(chosen=_chosen(table, margin, model))


def _intervals(name: str, replicates: np.ndarray) -> dict[str, float]:
    """The first of the replicates has equal weights: the estimate."""
    low, high = interval(replicates[1:])
    return {name: float(replicates[0]), f"{name}_low": low, f"{name}_high": high}


def _distances(laws: Laws, real: Laws) -> dict[str, float]:
    once = np.ones((1, len(laws.slices)))
    found = distances(laws.weighted(once), real.weighted(once))
    return {name: float(found[name][0]) for name in ("gradient_distance", "spectrum_distance")}


def _chosen(table: pd.DataFrame, margin: float, model: str) -> np.ndarray:
    """True in one row, or in none if there is no run of the model."""
    enough = table[(table["model"] == model) & (table["difference_high"] < margin)]
    best = enough.sort_values(["evaluations", "residues"]).index[:1]
    return table.index.isin(best)
