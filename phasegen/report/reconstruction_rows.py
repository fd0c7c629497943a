"""Per-slice results of reconstruction: whole arms, floors, and mixes at a share of original data.

A row is one slice (cohort, subject, series, slice) of one network: source, seed, model, factor, and
for mixes share, the percent of the training slices that kept their original phase, where the source
is the mode: ``mixed`` (the rest synthetic), ``only`` (without a rest) or ``tuned`` (``only``,
pretrained on synthetic data). Floors were not trained: their model is ``""``.
Metrics are NaN where the target is blank.
"""

from collections.abc import Iterable

import pandas as pd

from phasegen.report.palette import FLOORS
from phasegen.report.slice_results import sizes

GROUP = ["cohort", "model", "factor"]
METRICS = ("ssim_percent", "psnr", "mse", "nrmse")
# By the rule of the fastMRI challenge, of whole volumes.
OFFICIAL = ("fastmri_ssim_percent", "fastmri_psnr", "fastmri_nmse")
COMPARED = ("ssim_percent", "psnr")
# Size of each model in the paper.
MODELS = {"small": "209k", "large": "3.3M"}
WHOLE = 100.0
NOT_RUN = "not run at this size"


def in_percent(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with SSIM in percent, as the paper gives it."""
    return rows.assign(
        ssim_percent=100 * rows["ssim"], fastmri_ssim_percent=100 * rows["fastmri_ssim"]
    )


def arms(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of floors and of networks trained on one source."""
    return in_percent(rows[rows["share"].isna()])


def mixes(rows: pd.DataFrame, wanted: Iterable[tuple[str, int]] = ()) -> pd.DataFrame:
    """Rows of mixes, ended by the arm ``original``.

    All of the original data are one training whether they are called mixed or alone: where ``mixed``
    has no share of 100 %, the arm stands there.

    Args:
        wanted: model and factor of mixes that are not there, but whose end is.
    """
    shown = in_percent(rows)
    found = shown[shown["share"].notna()]
    place = pd.MultiIndex.from_frame(shown[["model", "factor"]])
    mixed = place.isin([*place[shown["share"].notna()], *wanted])
    ends = shown[(shown["source"] == "original") & shown["share"].isna() & mixed]
    ends = ends.assign(source="mixed", share=WHOLE)
    columns = [*GROUP, "source", "share"]
    there = pd.MultiIndex.from_frame(found[columns])
    new = ends[~pd.MultiIndex.from_frame(ends[columns]).isin(there)]
    return pd.concat([found, new]) if len(new) else found


def volumes(rows: pd.DataFrame) -> pd.DataFrame:
    """One row of each volume and seed, for what is the same in all its slices."""
    return rows.sort_values("slice").drop_duplicates(["seed", "cohort", "subject", "series"])


def with_floors(part: pd.DataFrame, floors: pd.DataFrame) -> pd.DataFrame:
    """Rows of one cohort, model and factor, and the floors once for each of their seeds."""
    (names,) = part[GROUP].drop_duplicates().to_dict("records")
    here = floors["cohort"].eq(names["cohort"]) & floors["factor"].eq(names["factor"])
    repeated = [floors[here].assign(seed=seed) for seed in sorted(set(part["seed"]))]
    return pd.concat([*repeated, part])


def counts(rows: pd.DataFrame) -> dict[str, int]:
    """How much one source was tested on; floors have no seed."""
    tested = sizes(rows)
    tested["seeds"] *= not rows["source"].isin(FLOORS).any()
    return tested | {"blank_slices": int(rows["psnr"].isna().sum())}
