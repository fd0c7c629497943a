"""Tables II and III as the paper prints them, and the paired differences behind them."""

from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from phasegen.metrics.intervals import LEVEL
from phasegen.report.cells import by_subject, decimals, mark_best, one_or_range, spread
from phasegen.report.grid import NONE, PAPER, Section, section_of
from phasegen.report.palette import FLOORS
from phasegen.report.reconstruction_rows import MODELS, WHOLE

# Title, digits behind the point, and what is best, by metric.
SHOWN = {
    "ssim_percent": ("SSIM [%]", 2, max),
    "psnr": ("PSNR [dB]", 2, max),
    "mse": ("MSE", 3, min),
    "nrmse": ("NRMSE", 3, min),
}
OFFICIAL = {
    "fastmri_ssim_percent": ("fastMRI SSIM [%]", 2, max),
    "fastmri_psnr": ("fastMRI PSNR [dB]", 2, max),
    "fastmri_nmse": ("fastMRI NMSE", 3, min),
}
WITH_INTERVAL = ("ssim_percent", "psnr")
SECTION = ["cohort", "factor", "model"]
MODES_NOTE = (
    " ``mixed``: the rest of the slices is synthetic; ``only``: there is no rest; "
    "``tuned``: as ``only``, pretrained on synthetic data. "
    f"``mixed`` at {WHOLE:g} % is the arm ``original``, and ``only`` would be the same."
)


def table_two_sections(table: pd.DataFrame) -> list[Section]:
    """Table II, a section for each cohort, factor and model, the floors in each.

    Args:
        table: as from `phasegen.report.reconstruction_table.table_two`.
    """
    sections = []
    for _, here in table.groupby(["cohort", "factor"], sort=False):
        floors, trained = here[here["model"] == ""], here[here["model"] != ""]
        blocks = [part for _, part in trained.groupby("model", sort=False)]
        for block in blocks or [floors.iloc[:0]]:
            part = pd.concat([floors, block], ignore_index=True)
            columns = [("source", part["source"].tolist()), *_columns(part, [part.index])]
            sections.append(section_of(_heading(part.iloc[-1]), columns, _note(part, "II")))
    return sections


def table_three_sections(table: pd.DataFrame) -> list[Section]:
    """Table III, a section for each cohort, factor and model; best is told at every share.

    Args:
        table: as from `phasegen.report.reconstruction_table.table_three`.
    """
    sections = []
    for _, part in table.groupby(SECTION, sort=False):
        part = part.reset_index(drop=True)
        names = [("original [%]", [f"{share:g}" for share in part["share"]])]
        names.append(("training", part["source"].tolist()))
        best_of = [rows.index for _, rows in part.groupby("share")]
        note = _note(part, "III") + MODES_NOTE
        columns = [*names, *_columns(part, best_of)]
        sections.append(section_of(_heading(part.iloc[-1]), columns, note, names=2))
    return sections


def difference_sections(table: pd.DataFrame) -> list[Section]:
    """Paired differences, a section for each cohort, factor and model.

    Args:
        table: as from `phasegen.report.reconstruction_table.comparisons_two` or
            ``comparisons_three``.
    """
    sections = []
    for _, part in table.groupby(SECTION, sort=False):
        keys = [name for name in ("left", "right", "share") if name in part]
        lines = [_difference(names, pair) for names, pair in _pairs(part, keys)]
        titles = ["left - right", *(["original [%]"] if "share" in keys else [])]
        named = len(titles)
        for metric in WITH_INTERVAL:
            titles += [f"{SHOWN[metric][0]} [interval]", "p (Holm)", "left is"]
        heading = _heading(part.iloc[0], "paired differences")
        sections.append(Section(heading, titles, lines, names=named))
    return sections


def _heading(row: pd.Series, what: str = "") -> str:
    size = MODELS.get(row["model"])
    model = f", model {row['model']}" if row["model"] else ""
    own = f" (paper: {size})" if size else ""
    return f"{row['cohort']}, factor {row['factor']}{model}{own}" + (what and f": {what}")


def _columns(part: pd.DataFrame, best_of: Sequence[pd.Index]) -> Iterator[tuple[str, list[str]]]:
    """Title and cells of each column; best is bold within each set of rows."""
    for metric, (title, digits, best) in SHOWN.items():
        own = _best(spread(part, f"{metric}_slice", digits), part, f"{metric}_slice", best, best_of)
        if metric == next(iter(SHOWN)):
            own = [note or cell for note, cell in zip(part["note"], own, strict=True)]
        yield title, own
        yield PAPER, spread(part, f"{metric}_paper", digits)
    for metric in WITH_INTERVAL:
        title, digits, _ = SHOWN[metric]
        yield f"{title} by subject [interval]", by_subject(part, metric, digits)
    for metric, (title, digits, best) in OFFICIAL.items():
        name = f"{metric}_volume"
        yield title, _best(spread(part, name, digits), part, name, best, best_of)


def _best(
    cells: list[str], part: pd.DataFrame, name: str, best: Callable, best_of: Sequence[pd.Index]
) -> list[str]:
    found = list(cells)
    for rows in best_of:
        own = mark_best([cells[row] for row in rows], part.loc[rows, f"{name}_mean"], best)
        for row, cell in zip(rows, own, strict=True):
            found[row] = cell
    return found


def _pairs(part: pd.DataFrame, keys: list[str]) -> Iterator[tuple[dict, pd.DataFrame]]:
    for _, pair in part.groupby(keys, sort=False):
        yield pair.iloc[0][keys].to_dict(), pair.set_index("metric")


def _difference(names: dict, pair: pd.DataFrame) -> list[str]:
    line = [f"{names['left']} - {names['right']}"]
    line += [f"{names['share']:g}"] if "share" in names else []
    for metric in WITH_INTERVAL:
        row, digits = pair.loc[metric], SHOWN[metric][1]
        ends = [f"{row[end]:+.{digits}f}" for end in ("low", "high") if pd.notna(row[end])]
        text = f"{row['difference']:+.{digits}f}" + (f" [{', '.join(ends)}]" if ends else "")
        line += [text, decimals(row["p_holm"], 4), row["verdict"]]
    return line


def _note(part: pd.DataFrame, number: str) -> str:
    """What the numbers of one section are, with counts from the section itself."""
    run = part[part["note"] == ""]
    if run.empty:
        return f"Nothing of this was run. Columns {PAPER}: Table {number} of the paper."
    trained = run[~run["source"].isin(FLOORS)]
    seeds = one_or_range(trained["seeds"]) if len(trained) else NONE
    blank = one_or_range((run if trained.empty else trained)["blank_slices"])
    text = (
        f"Mean ± standard deviation over slices ({one_or_range(run['slices'])}, of "
        f"{one_or_range(run['subjects'])} subjects; seeds of training: {seeds}), without results on "
        f"blank slices ({blank}). By subject: mean of the subjects' means"
    )
    known = run["psnr_low"].notna().any()
    text += (
        f" and its {100 * LEVEL:g} % interval" if known else "; too few subjects for an interval"
    )
    text += (
        ". fastMRI: by the rule of the challenge, over whole volumes. Images were cropped before they "
        "were undersampled, which flatters results (Shimron et al., 2022)."
    )
    return text + f" Columns {PAPER}: Table {number} of the paper, on other data."
