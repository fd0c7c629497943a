"""Table I and its companions: how well each source of phase teaches to strip skulls.

All take the per-slice tables of the tests, joined. Statistics are those of
`phasegen.metrics.paired`; Dice is in percent, as in the paper.
"""

import numpy as np
import pandas as pd

from phasegen.metrics.intervals import FEWEST_SUBJECTS
from phasegen.metrics.paired import Difference, paired_difference
from phasegen.report.slice_results import (
    GROUP,
    by_source,
    counts,
    estimates,
    groups,
    in_percent,
    judged,
    untouched,
)

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
PAIRS = (
    ("phasegen", "none"),
    ("phasegen", "naive"),
    ("original", "phasegen"),
    ("original", "none"),
    ("naive", "none"),
)
DIFFERENCES = [*GROUP, "metric", "left", "right", *Difference._fields, "p_holm", "verdict"]
SWEPT = ("none", "naive")
"""Sources that phasegen is compared with at every level."""
UNCOMPARED = dict.fromkeys(("difference", "low", "high", "p", "p_holm"), np.nan) | {"verdict": ""}


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


def comparisons(rows: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Paired differences between sources, left minus right, of untouched data.

    Returns:
        One row for each cohort, truth, metric and pair that there is: ``difference``, ``low``,
        ``high``, ``p``, ``p_holm`` (Holm over the pairs of one truth and metric), ``verdict``,
        and the counts of `phasegen.metrics.paired.Difference`.

    Raises:
        UserError: two sources were not tested on the same slices with as many seeds.
    """
    found = []
    for names, part in groups(untouched(rows)):
        sources = by_source(part)
        pairs = [(left, right) for left, right in PAIRS if {left, right} <= set(sources)]
        for metric in COMPARED:
            family = []
            for left, right in pairs:
                facts = names | {"metric": metric, "left": left, "right": right}
                result = paired_difference(sources[left], sources[right], metric, generator)
                family.append(facts | result._asdict())
            found += judged(family)
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
    """Dice at every level of each knob; the untouched data are level 0 of all of them.

    Returns:
        One row for each cohort, truth, knob, level and source: Dice as in `table_one`, and in the
        rows of ``none`` and ``naive`` by how much phasegen differs from them: ``difference``
        (phasegen minus this source), ``low``, ``high``, ``p``, ``p_holm`` (Holm over the levels of
        one knob), ``verdict``; NaN or empty in other rows.
    """
    found, shown = [], in_percent(rows)
    for knob in sorted(set(rows["knob"]) - {""}):
        of_knob = shown[shown["knob"].isin(["", knob])].assign(knob=knob)
        for names, part in groups(of_knob, "knob"):
            for source, own in by_source(part).items():
                rival = part[part["source"] == "phasegen"] if source in SWEPT else part[:0]
                found += _levels(names | {"source": source}, own, rival, generator)
    return pd.DataFrame(found)


def _levels(
    names: dict, own: pd.DataFrame, rival: pd.DataFrame, generator: np.random.Generator
) -> list[dict]:
    """Rows of one source at every level, compared with a rival if that has any rows."""
    family = []
    for level, here in own.groupby("level"):
        facts = names | {"level": level} | counts(here)
        facts |= estimates(here, "dsc_percent", generator) | UNCOMPARED
        if len(rival):
            there = rival[rival["level"] == level]
            result = paired_difference(there, here, "dsc_percent", generator)
            facts |= {name: getattr(result, name) for name in ("difference", "low", "high", "p")}
        family.append(facts)
    return judged(family) if len(rival) else family


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
