"""Per-slice results of tests: in groups, by source of phase, counted, estimated and judged."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from phasegen.metrics.intervals import FEWEST_SUBJECTS, LEVEL
from phasegen.metrics.paired import Difference, estimate, holm, paired_difference
from phasegen.report.palette import in_order

SLICE = ["cohort", "subject", "series", "slice"]
# Columns of a difference that was judged, behind those that say what was compared.
JUDGED = ["metric", "left", "right", *Difference._fields, "p_holm", "verdict"]
# Of a per-slice result, the file that it stands in.
TESTED_IN = "tested_in"
# Of a row of a table, the files behind it, and those behind what is judged with it: no numbers.
MADE_FROM, JUDGED_FROM = "made_from", "judged_from"
Pairs = Sequence[tuple[str, str]]


def groups(
    rows: pd.DataFrame, columns: Sequence[str]
) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    """Rows of each group that some columns tell apart, with the names of the group."""
    for names, part in rows.groupby(list(columns)):
        yield dict(zip(columns, names, strict=True)), part


def by_source(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows of each source that there is, from the plainest phase to the real one."""
    return {name: rows[rows["source"] == name] for name in in_order(rows["source"])}


def made_from(*results: pd.DataFrame) -> dict[str, list[str]]:
    """Column `MADE_FROM`: the files of some per-slice results, as far as their rows name them."""
    names = [rows[TESTED_IN].unique() for rows in results if TESTED_IN in rows]
    return {MADE_FROM: sorted(set().union(*names))}


def sizes(rows: pd.DataFrame) -> dict[str, int]:
    """How much one source was tested on; slices and subjects are the same in every seed."""
    return {
        "slices": len(rows[SLICE].drop_duplicates()),
        "subjects": len(rows[["cohort", "subject"]].drop_duplicates()),
        "seeds": rows["seed"].nunique(),
    }


def estimates(
    rows: pd.DataFrame, metric: str, generator: np.random.Generator, unit: str = "slice"
) -> dict[str, float]:
    """Columns of one metric: mean and deviation over slices, mean over subjects, its interval.

    Args:
        unit: what a row is.
    """
    found = estimate(rows, metric, generator)
    return {
        f"{metric}_{unit}_mean": found.mean,
        f"{metric}_{unit}_std": found.sd,
        f"{metric}_subject_mean": found.subject_mean,
        f"{metric}_low": found.low,
        f"{metric}_high": found.high,
    }


def by_contrast(
    rows: pd.DataFrame,
    group: Sequence[str],
    metrics: Sequence[str],
    counted: Callable[[pd.DataFrame], Mapping[str, int]],
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Metrics for each group, contrast and source.

    Column ``subject`` is ``all``; where subjects are too few for an interval, each has rows of
    its own too.

    Args:
        counted: columns that count the rows of one source.
    """
    found = []
    for names, part in groups(rows, [*group, "contrast"]):
        people = {"all": part}
        if part["subject"].nunique() < FEWEST_SUBJECTS:
            people |= dict(iter(part.groupby("subject")))
        for subject, theirs in people.items():
            for source, own in by_source(theirs).items():
                facts = names | {"subject": subject, "source": source} | counted(own)
                facts |= made_from(own)
                for metric in metrics:
                    facts |= estimates(own, metric, generator)
                found.append(facts)
    return pd.DataFrame(found)


def differences(
    sources: Mapping[str, pd.DataFrame], pairs: Pairs, metric: str, generator: np.random.Generator
) -> list[dict]:
    """Left minus right for each pair whose sources are both there, to be `judged`."""
    return [
        {"metric": metric, "left": left, "right": right}
        | paired_difference(sources[left], sources[right], metric, generator)._asdict()
        | made_from(sources[left], sources[right])
        for left, right in pairs
        if {left, right} <= set(sources)
    ]


def judged(family: Sequence[dict]) -> list[dict]:
    """Rows with a ``difference`` and its ``p``, with ``p_holm``, ``verdict`` and their files added.

    Args:
        family: all tests that are adjusted together.
    """
    adjusted = holm([row["p"] for row in family])
    files = sorted(set().union(*(row.get(MADE_FROM, []) for row in family)))
    return [
        row | {"p_holm": p, "verdict": _verdict(row["difference"], p), JUDGED_FROM: files}
        for row, p in zip(family, adjusted, strict=True)
    ]


def published(paper: pd.DataFrame, place: Mapping[str, object], metric: str) -> dict[str, float]:
    """``M_paper_mean`` and ``M_paper_std`` of a metric M, NaN where the paper has no such figure.

    Args:
        paper: `resources/paper_tables.csv`.
        place: what its columns say of the figure.
    """
    here = (paper[list(place)] == pd.Series(place)).all(axis=1)
    numbers = paper.loc[here, ["mean", "std"]]
    mean, std = numbers.iloc[0] if len(numbers) else (float("nan"),) * 2
    return {f"{metric}_paper_mean": mean, f"{metric}_paper_std": std}


def extremes(values: np.ndarray, each: int) -> dict[int, str]:
    """Rows of the best, median and worst values, ``each`` many, best first, each row once.

    NaN is left out.
    """
    order = np.argsort(-values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    middle = max(len(order) // 2 - each // 2, 0)
    chosen = {"best": order[:each], "median": order[middle : middle + each]}
    named = {}
    for kind, rows in (chosen | {"worst": order[-each:]}).items():
        for row in rows:
            named.setdefault(int(row), kind)
    return named


def _verdict(difference: float, p: float) -> str:
    if np.isnan(p):
        return "too few subjects"
    if p > 1 - LEVEL:
        return "no difference shown"
    return "above" if difference > 0 else "below"
