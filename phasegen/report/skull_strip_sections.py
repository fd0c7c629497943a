"""Table I as the paper prints it."""

from collections.abc import Iterator

import pandas as pd

from phasegen.metrics.intervals import LEVEL
from phasegen.report.cells import by_subject, mark_best, one_or_range, spread
from phasegen.report.grid import PAPER, Section, section_of

# Title, digits behind the point, and what is best, by metric.
SHOWN = {
    "dsc_percent": ("DSC [%]", 1, max),
    "hausdorff": ("HD [pixel]", 2, min),
    "hd95": ("HD95 [pixel]", 2, min),
    "hausdorff_mm": ("HD [mm]", 2, min),
    "hd95_mm": ("HD95 [mm]", 2, min),
    "sensitivity": ("sensitivity", 3, max),
    "specificity": ("specificity", 3, max),
    "hd_rows": ("HD by rows (published code's variant)", 3, min),
}
PAPER_COLUMNS = ("dsc_percent_paper_mean", "hd_rows_paper_mean")
WITH_INTERVAL = ("dsc_percent", "hd95")


def table_one_sections(table: pd.DataFrame) -> list[Section]:
    """Table I, one section for each cohort and truth, each with a note on what its numbers are.

    Args:
        table: as from `phasegen.report.skull_strip_table.table_one`.
    """
    return [
        section_of(f"{cohort}, truth: {truth}", list(_columns(part)), _note(part))
        for (cohort, truth), part in table.groupby(["cohort", "truth"], sort=False)
    ]


def _columns(part: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Title and cells of each column; a metric that no slice has is left out."""
    yield "source", part["source"].tolist()
    for metric, (title, digits, best) in SHOWN.items():
        means = part[f"{metric}_slice_mean"]
        if means.isna().all():
            continue
        yield title, mark_best(spread(part, f"{metric}_slice", digits), means, best)
        if f"{metric}_paper_mean" in part:
            yield PAPER, spread(part, f"{metric}_paper", digits)
        if metric in WITH_INTERVAL:
            yield f"{title} by subject [interval]", by_subject(part, metric, digits)


def _note(part: pd.DataFrame) -> str:
    """What the numbers of one section are, with counts from the section itself."""
    counts = {
        name: one_or_range(part[name]) for name in ("slices", "subjects", "seeds", "empty_slices")
    }
    text = (
        "Mean ± standard deviation over slices ({slices}, of {subjects} subjects; seeds of "
        "training: {seeds}), without results where neither truth nor prediction has a brain "
        "({empty_slices})."
    ).format(**counts)
    if part["one_empty"].any():
        pairs = zip(part["source"], part["one_empty"], strict=True)
        shares = ", ".join(f"{source} {count}" for source, count in pairs)
        text += (
            " Where only one of the two has a brain, DSC is zero and HD the diagonal of the "
            f"image ({shares})."
        )
    if part["dsc_percent_low"].notna().any():
        text += f" By subject: mean of the subjects' means and its {100 * LEVEL:g} % interval."
    else:
        text += " By subject: mean of the subjects' means; too few subjects for an interval."
    if part[list(PAPER_COLUMNS)].notna().any(axis=None):
        text += f" Column {PAPER}: Table I of the paper, which had other data."
    return text
