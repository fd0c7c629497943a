"""Table I and its companions: how well each source of phase teaches to strip skulls.

All take the per-slice tables of the tests, joined. Statistics are those of
`phasegen.metrics.paired`; Dice is in percent, as in the paper.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from phasegen.report import slice_results
from phasegen.report.slice_results import (
    JUDGED,
    JUDGED_FROM,
    MADE_FROM,
    SLICE,
    Pairs,
    by_source,
    differences,
    estimates,
    groups,
    judged,
    made_from,
    published,
    sizes,
)
from phasegen.settings.skull_strip import AS_RECORDED

GROUP = ["cohort", "truth"]
METRICS = (
    "dsc_percent",
    "hausdorff",
    "hd95",
    "hausdorff_mm",
    "hd95_mm",
    "sensitivity",
    "specificity",
    "hd_rows",
)
PUBLISHED = {"dsc_percent": "dsc_percent", "hd_rows": "hd_rows_px"}
COMPARED = ("dsc_percent", "hd95")


def in_percent(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with ``dsc_percent``, as the paper gives Dice."""
    return rows.assign(dsc_percent=100 * rows["dice"])


def untouched(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the data as they are, with Dice in percent."""
    return in_percent(rows[rows["knob"] == ""])


def counts(rows: pd.DataFrame) -> dict[str, int]:
    """How much one source was tested on, and how often masks were empty."""
    target, predicted = rows["target_pixels"] > 0, rows["predicted_pixels"] > 0
    tested = sizes(rows)
    return {
        "slices": tested.pop("slices"),
        "empty_slices": int((~target & ~predicted).sum()),
        "one_empty": int((target ^ predicted).sum()),
    } | tested


def table_one(
    rows: pd.DataFrame, paper: pd.DataFrame, generator: np.random.Generator
) -> pd.DataFrame:
    """One row for each cohort, truth and source, of untouched data.

    Args:
        rows: one per slice, seed, source and truth.
        paper: `resources/paper_tables.csv`.

    Returns:
        ``slices``, ``subjects``, ``seeds``; ``empty_slices``: results of all seeds left out of
        Dice, since neither mask has a pixel; ``one_empty``: those with one empty mask. Of every
        metric M ``M_slice_mean`` and ``M_slice_std``, over the slices of all seeds;
        ``M_subject_mean``, ``M_low`` and ``M_high``, over subjects with its interval; of Dice and
        ``hd_rows`` also ``M_paper_mean`` and ``M_paper_std``, NaN where the paper has none.
    """
    found = []
    for names, part in groups(untouched(rows), GROUP):
        for source, own in by_source(part).items():
            facts = names | {"source": source} | counts(own) | made_from(own)
            for metric in METRICS:
                facts |= estimates(own, metric, generator) | _published(paper, source, metric)
            found.append(facts)
    return pd.DataFrame(found)


def comparisons(rows: pd.DataFrame, pairs: Pairs, generator: np.random.Generator) -> pd.DataFrame:
    """Paired differences between sources, left minus right, of untouched data.

    Args:
        pairs: left and right of all comparisons; those of sources that are not there are left out.

    Returns:
        One row for each cohort, truth, metric and pair: ``difference``, ``low``, ``high``, ``p``,
        ``p_holm`` (Holm over the pairs of one truth and metric), ``verdict``, and the counts of
        `phasegen.metrics.paired.Difference`.

    Raises:
        UserError: two sources were not tested on the same slices with as many seeds.
    """
    found = []
    for names, part in groups(untouched(rows), GROUP):
        for metric in COMPARED:
            family = differences(by_source(part), pairs, metric, generator)
            found += judged([names | row for row in family])
    return pd.DataFrame(found, columns=[*GROUP, *JUDGED, MADE_FROM, JUDGED_FROM])


def by_contrast(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Dice and HD95 of untouched data for each contrast and source, columns as in `table_one`.

    Column ``subject`` is ``all``; where subjects are too few for an interval, each has rows of
    its own too.
    """
    return slice_results.by_contrast(untouched(rows), GROUP, COMPARED, counts, generator)


def sweep_table(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Dice at every level of each knob, that of the data as recorded among them.

    Returns:
        One row for each cohort, truth, knob, level and source: Dice as in `table_one`.
    """
    found = []
    for names, part in _swept(rows):
        for level, here in part.groupby("level"):
            for source, own in by_source(here).items():
                facts = names | {"level": level, "source": source} | counts(own) | made_from(own)
                found.append(facts | estimates(own, "dsc_percent", generator))
    return pd.DataFrame(found)


def sweep_comparisons(
    rows: pd.DataFrame, pairs: Pairs, generator: np.random.Generator
) -> pd.DataFrame:
    """Paired differences of Dice at every level of each knob, columns as in `comparisons`.

    Holm over the levels of one knob, for each pair.
    """
    found = []
    for names, part in _swept(rows):
        for pair in pairs:
            family = [
                names | {"level": level} | row
                for level, here in part.groupby("level")
                for row in differences(by_source(here), [pair], "dsc_percent", generator)
            ]
            found += judged(family)
    columns = [*GROUP, "knob", "level", *JUDGED[JUDGED.index("left") :], MADE_FROM, JUDGED_FROM]
    return pd.DataFrame(found, columns=columns)


def _swept(rows: pd.DataFrame) -> Iterator[tuple[dict, pd.DataFrame]]:
    """Rows of each cohort, truth and knob, the untouched data of the same slices among them."""
    shown = in_percent(rows)
    for knob in sorted(set(rows["knob"]) - {""}):
        moved = shown[shown["knob"] == knob]
        still = shown[shown["knob"] == ""].merge(moved[SLICE].drop_duplicates(), on=SLICE)
        neutral = AS_RECORDED[knob]
        both = pd.concat([still.assign(level=neutral), moved[moved["level"] != neutral]])
        yield from groups(both.assign(knob=knob), [*GROUP, "knob"])


def _published(paper: pd.DataFrame, source: str, metric: str) -> dict[str, float]:
    if metric not in PUBLISHED:
        return {}
    place = {"table": "I", "training_data": source, "metric": PUBLISHED[metric]}
    return published(paper, place, metric)
