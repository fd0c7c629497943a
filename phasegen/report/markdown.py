"""Tables as Markdown, and Table I as the paper prints it."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import pandas as pd

from phasegen.metrics.intervals import LEVEL

NONE = "-"
PAPER = "paper"
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


def markdown_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts."""
    return "\n".join(_line(cells) for cells in (titles, ["---"] * len(titles), *rows))


def table_one_markdown(table: pd.DataFrame) -> str:
    """Table I, one section for each cohort and truth, each with a note on what its numbers are.

    Args:
        table: as from `phasegen.report.skull_strip_table.table_one`.
    """
    sections = []
    for (cohort, truth), part in table.groupby(["cohort", "truth"], sort=False):
        titles, cells = zip(*_columns(part), strict=True)
        body = markdown_table(titles, zip(*cells, strict=True))
        sections += [f"### {cohort}, truth: {truth}", body, _note(part)]
    return "\n\n".join(sections) + "\n"


def _columns(part: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Title and cells of each column; a metric that no slice has is left out."""
    yield "source", part["source"].tolist()
    for metric, (title, digits, best) in SHOWN.items():
        means = part[f"{metric}_slice_mean"]
        if means.isna().all():
            continue
        yield title, bold(spread(part, f"{metric}_slice", digits), means, best)
        if f"{metric}_paper_mean" in part:
            yield PAPER, spread(part, f"{metric}_paper", digits)
        if metric in WITH_INTERVAL:
            yield f"{title} by subject [interval]", by_subject(part, metric, digits)


def spread(part: pd.DataFrame, name: str, digits: int) -> list[str]:
    """Mean ± standard deviation of each row."""
    pairs = zip(part[f"{name}_mean"], part[f"{name}_std"], strict=True)
    return [
        NONE if pd.isna(mean) else f"{decimals(mean, digits)} ± {decimals(std, digits)}"
        for mean, std in pairs
    ]


def by_subject(part: pd.DataFrame, metric: str, digits: int) -> list[str]:
    """Mean of the subjects' means of each row, with its interval where there is one."""
    ends = (part[f"{metric}_{name}"] for name in ("subject_mean", "low", "high"))
    return [
        decimals(mean, digits)
        + ("" if pd.isna(low) else f" [{decimals(low, digits)}, {decimals(high, digits)}]")
        for mean, low, high in zip(*ends, strict=True)
    ]


def bold(cells: list[str], means: pd.Series, best: Callable) -> list[str]:
    """The cells with the best mean in bold; a lone source is best of nothing."""
    if means.notna().sum() < 2:
        return cells
    first = best(means.dropna())
    return [f"**{c}**" if mean == first else c for c, mean in zip(cells, means, strict=True)]


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


def one_or_range(values: pd.Series) -> str:
    """One number if all sources have the same."""
    low, high = values.min(), values.max()
    return str(low) if low == high else f"{low} to {high}"


def decimals(value: float, digits: int) -> str:
    """A number with so many digits behind the point."""
    return NONE if pd.isna(value) else f"{value:.{digits}f}"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
