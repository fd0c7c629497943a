"""Tables II and III and their companions: how well each source of phase teaches to reconstruct.

All take the per-slice tables of the tests, joined, see `phasegen.report.reconstruction_rows`.
Statistics are those of `phasegen.metrics.paired`; SSIM is in percent, as in the paper.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from phasegen.report import slice_results
from phasegen.report.palette import FLOORS, in_order
from phasegen.report.reconstruction_rows import (
    COMPARED,
    GROUP,
    METRICS,
    MODELS,
    NOT_RUN,
    OFFICIAL,
    WHOLE,
    arms,
    counts,
    mixes,
    volumes,
    with_floors,
)
from phasegen.report.slice_results import (
    JUDGED,
    JUDGED_FROM,
    MADE_FROM,
    Pairs,
    by_source,
    differences,
    estimates,
    groups,
    judged,
    made_from,
    published,
)

PUBLISHED = {"ssim_percent": "ssim_percent", "psnr": "psnr_db", "mse": "mse", "nrmse": "nrmse"}
TWO = [*GROUP, "source"]
THREE = [*GROUP, "share", "source"]
MIX_PAIRS = (("mixed", "only"), ("tuned", "only"), ("mixed", "original"))


def table_two(
    rows: pd.DataFrame,
    paper: pd.DataFrame,
    generator: np.random.Generator,
    expected: Iterable[tuple[str, int, str]] = (),
) -> pd.DataFrame:
    """One row for each cohort, model, factor and source; floors once, with model ``""``.

    Args:
        rows: one per slice, seed, model, factor and source.
        paper: `resources/paper_tables.csv`.
        expected: model, factor and source of all cells of a full table.

    Returns:
        ``slices``, ``subjects``, ``seeds`` (0 for floors); ``blank_slices``: results of all seeds
        left out, since the target is blank; ``note``: whether an expected cell was not run. Of
        SSIM, PSNR, MSE and NRMSE, each M, ``M_slice_mean`` and ``M_slice_std``, over the slices of
        all seeds; ``M_subject_mean``, ``M_low`` and ``M_high``, over subjects with its interval;
        ``M_paper_mean`` and ``M_paper_std``, NaN where the paper has none. By the fastMRI rule
        ``M_volume_mean`` and ``M_volume_std``, over volumes, and the same over subjects.
    """
    return _table(arms(rows), TWO, expected, paper, generator)


def table_three(
    rows: pd.DataFrame,
    paper: pd.DataFrame,
    generator: np.random.Generator,
    expected: Iterable[tuple[str, int, float, str]] = (),
) -> pd.DataFrame:
    """One row for each cohort, model, factor, share and mode, columns as in `table_two`.

    At a share of 100 % the arm ``original`` stands as ``mixed``; ``only`` is the same there.

    Args:
        expected: model, factor, share and mode of all cells of a full table.
    """
    cells = [tuple(cell) for cell in expected if tuple(cell[2:]) != (WHOLE, "only")]
    return _table(mixes(rows, {cell[:2] for cell in cells}), THREE, cells, paper, generator)


def comparisons_two(
    rows: pd.DataFrame, pairs: Pairs, generator: np.random.Generator
) -> pd.DataFrame:
    """Paired differences between sources, left minus right, floors among them.

    Args:
        pairs: left and right of all comparisons; those of sources that are not there are left out.

    Returns:
        One row for each cohort, model, factor, metric (SSIM and PSNR) and pair: ``difference``,
        ``low``, ``high``, ``p``, ``p_holm`` (Holm over the pairs of one model, factor and metric),
        ``verdict``, and the counts of `phasegen.metrics.paired.Difference`.

    Raises:
        UserError: two sources were not tested on the same slices with the same seeds.
    """
    shown = arms(rows)
    floors = shown[shown["source"].isin(FLOORS)]
    found = []
    for names, part in groups(shown[~shown["source"].isin(FLOORS)], GROUP):
        sources = by_source(with_floors(part, floors))
        for metric in COMPARED:
            family = differences(sources, pairs, metric, generator)
            found += judged([names | row for row in family])
    return pd.DataFrame(found, columns=[*GROUP, *JUDGED, MADE_FROM, JUDGED_FROM])


def comparisons_three(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Paired differences at every share: mixed and tuned to only, mixed to the arm ``original``.

    Columns as in `comparisons_two`, and ``share``; Holm over the shares of a pair. A share of
    100 % is left out where it compares ``original`` with itself.
    """
    found = []
    for names, part in groups(mixes(rows), GROUP):
        for metric in COMPARED:
            for pair in MIX_PAIRS:
                family = _over_shares(part, pair, metric, generator)
                found += judged([names | row for row in family])
    return pd.DataFrame(found, columns=[*GROUP, "share", *JUDGED, MADE_FROM, JUDGED_FROM])


def contrasts_two(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """SSIM and PSNR for each contrast, see `phasegen.report.slice_results.by_contrast`."""
    return slice_results.by_contrast(arms(rows), GROUP, COMPARED, counts, generator)


def contrasts_three(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """The same at every share of original data."""
    group = [*GROUP, "share"]
    return slice_results.by_contrast(mixes(rows), group, COMPARED, counts, generator)


def _table(
    shown: pd.DataFrame,
    columns: Sequence[str],
    expected: Iterable[Sequence],
    paper: pd.DataFrame,
    generator: np.random.Generator,
) -> pd.DataFrame:
    present = dict(iter(shown.groupby(list(columns))))
    wanted = {(cohort, *cell) for cohort in set(shown["cohort"]) for cell in expected}
    found = []
    for key in _in_order({*present, *wanted}, columns):
        names = dict(zip(columns, key, strict=True))
        own = present.get(key, shown.iloc[:0])
        facts = names | counts(own) | {"note": "" if len(own) else NOT_RUN} | made_from(own)
        for metric in METRICS:
            facts |= estimates(own, metric, generator)
            facts |= published(paper, _place(names, metric), metric)
        for metric in OFFICIAL:
            facts |= estimates(volumes(own), metric, generator, "volume")
        found.append(facts)
    return pd.DataFrame(found)


def _in_order(keys: Iterable[tuple], columns: Sequence[str]) -> list[tuple]:
    """By cohort, factor, model and share; sources as the paper has them."""
    table = pd.DataFrame(list(keys), columns=columns)
    models = ["", *MODELS, *sorted(set(table["model"]))]
    sources = in_order(sorted(set(table["source"])))
    table["size"] = table["model"].map(models.index)
    table["place"] = table["source"].map(sources.index)
    shares = [name for name in columns if name == "share"]
    ordered = table.sort_values(["cohort", "factor", "size", *shares, "place"])
    return list(ordered[list(columns)].itertuples(index=False, name=None))


def _place(names: dict, metric: str) -> dict[str, object]:
    """Where the paper has its figure of a cell."""
    source, place = names["source"], {"table": "II"}
    if "share" in names:
        place = {"table": "III", "original_percent": names["share"]}
        if source == "only":
            place["table"], source = "text", "original_only"
        elif source == "mixed" and names["share"] == WHOLE:
            source = "original"
    if source not in FLOORS:
        place["parameters"] = MODELS.get(names["model"], "")
    return place | {
        "acceleration": names["factor"],
        "training_data": source,
        "metric": PUBLISHED[metric],
    }


def _over_shares(
    part: pd.DataFrame, pair: tuple[str, str], metric: str, generator: np.random.Generator
) -> list[dict]:
    """One comparison at every share; ``original`` is what is mixed in whole, and alone."""
    whole = part[(part["share"] == WHOLE) & (part["source"] == "mixed")]
    found = []
    for share, here in part.groupby("share"):
        if share == WHOLE and pair[0] == "mixed":
            continue
        sources = by_source(here) | ({"original": whole} if len(whole) else {})
        if share == WHOLE:
            sources.setdefault("only", whole)
        family = differences(sources, [pair], metric, generator)
        found += [{"share": share} | row for row in family]
    return found
