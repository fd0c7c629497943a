"""Table I and its companions: how well each source of phase teaches to strip skulls.

All take the per-slice tables of the tests, joined. Statistics are those of
`phasegen.metrics.paired`; Dice is in percent, as in the paper.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from phasegen.metrics.intervals import FEWEST_SUBJECTS
from phasegen.metrics.paired import Difference, paired_difference
from phasegen.report.slice_results import (
    GROUP,
    SLICE,
    by_source,
    counts,
    estimates,
    groups,
    in_percent,
    judged,
    untouched,
)
from phasegen.settings.skull_strip import AS_RECORDED

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
Pairs = Sequence[tuple[str, str]]
DIFFERENCES = [*GROUP, "metric", "left", "right", *Difference._fields, "p_holm", "verdict"]


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
    for names, part in groups(untouched(rows)):
        for source, own in by_source(part).items():
            facts = names | {"source": source} | counts(own)
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
    for names, part in groups(untouched(rows)):
        for metric in COMPARED:
            family = _differences(part, pairs, metric, generator)
            found += judged([names | {"metric": metric} | row for row in family])
    return pd.DataFrame(found, columns=DIFFERENCES)


def by_contrast(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Dice and HD95 of untouched data for each contrast and source, columns as in `table_one`.

    Column ``subject`` is ``all``; where subjects are too few for an interval, each has rows of
    its own too.
    """
    found = []
    for names, part in groups(untouched(rows), "contrast"):
        people = {"all": part}
        if part["subject"].nunique() < FEWEST_SUBJECTS:
            people |= dict(iter(part.groupby("subject")))
        for subject, theirs in people.items():
            for source, own in by_source(theirs).items():
                facts = names | {"subject": subject, "source": source} | counts(own)
                for metric in COMPARED:
                    facts |= estimates(own, metric, generator)
                found.append(facts)
    return pd.DataFrame(found)


def sweep_table(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Dice at every level of each knob, that of the data as recorded among them.

    Returns:
        One row for each cohort, truth, knob, level and source: Dice as in `table_one`.
    """
    found = []
    for names, part in _swept(rows):
        for level, here in part.groupby("level"):
            for source, own in by_source(here).items():
                facts = names | {"level": level, "source": source} | counts(own)
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
                for row in _differences(here, [pair], "dsc_percent", generator)
            ]
            found += judged(family)
    columns = [*GROUP, "knob", "level", *DIFFERENCES[DIFFERENCES.index("left") :]]
    return pd.DataFrame(found, columns=columns)


def _swept(rows: pd.DataFrame) -> Iterator[tuple[dict, pd.DataFrame]]:
    """Rows of each cohort, truth and knob, the untouched data of the same slices among them."""
    shown = in_percent(rows)
    for knob in sorted(set(rows["knob"]) - {""}):
        moved = shown[shown["knob"] == knob]
        still = shown[shown["knob"] == ""].merge(moved[SLICE].drop_duplicates(), on=SLICE)
        neutral = AS_RECORDED[knob]
        both = pd.concat([still.assign(level=neutral), moved[moved["level"] != neutral]])
        yield from groups(both.assign(knob=knob), "knob")


def _differences(
    part: pd.DataFrame, pairs: Pairs, metric: str, generator: np.random.Generator
) -> list[dict]:
    sources = by_source(part)
    return [
        {"left": left, "right": right}
        | paired_difference(sources[left], sources[right], metric, generator)._asdict()
        for left, right in pairs
        if {left, right} <= set(sources)
    ]


def _published(paper: pd.DataFrame, source: str, metric: str) -> dict[str, float]:
    """What Table I of the paper says of a source, NaN if it says nothing."""
    if metric not in PUBLISHED:
        return {}
    printed = paper[
        (paper["table"] == "I")
        & (paper["training_data"] == source)
        & (paper["metric"] == PUBLISHED[metric])
    ]
    numbers = printed[["mean", "std"]].iloc[0] if len(printed) else (float("nan"),) * 2
    return dict(zip((f"{metric}_paper_mean", f"{metric}_paper_std"), numbers, strict=True))
