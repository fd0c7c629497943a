"""Rules that report on skull-stripping: per-slice tables and masks in, tables and pictures out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.report import skull_strip_table as tables
from phasegen.report.outline_sheets import Case, cases_sheet, overlay_sheet
from phasegen.report.palette import in_order
from phasegen.report.skull_strip_figures import box_figure, sweep_figure
from phasegen.report.skull_strip_sections import table_one_sections
from phasegen.report.skull_strip_table import untouched
from phasegen.report.slice_results import SLICE, Pairs, extremes
from phasegen.seeds import generator
from phasegen.steps.figures import slice_titles, spread_rows
from phasegen.steps.section_file import write_sections
from phasegen.steps.table_file import join_slices, read_slices
from phasegen.steps.traced_tables import write_traced
from phasegen.store.reading import open_single_coil, read_index

COLUMNS = {*SLICE, "contrast", "source", "seed", "truth", "knob", "level", "target_pixels"}
COLUMNS |= {"predicted_pixels", "dice", *tables.METRICS} - {"dsc_percent"}
OVERLAYS = 24
SHOWN_TRUTH = "staple"


def table_one(
    slices: Sequence[str | Path],
    paper: str | Path,
    pairs: Pairs,
    seed: int,
    banner: str,
    table: str | Path,
    comparisons: str | Path,
    contrasts: str | Path,
    markdown: str | Path,
    latex: str | Path,
    sources: str | Path,
) -> None:
    """Table I (CSV, Markdown and LaTeX), paired differences and the table by contrast (CSV).

    ``sources`` becomes the record of the files behind every row, see `phasegen.steps.traced_tables`.

    Args:
        slices: per-slice tables (Parquet) of all sources and seeds.
        paper: `resources/paper_tables.csv`.
        pairs: sources that are compared, left minus right.

    Raises:
        UserError: a table lacks a column, none has a slice, or sources were not tested on the
            same slices.
    """
    rows = _read(slices)
    streams = [generator(seed, "skull_strip", name) for name in ("one", "pairs", "contrasts")]
    first = tables.table_one(rows, pd.read_csv(paper), streams[0])
    differences = tables.comparisons(rows, pairs, streams[1])
    by_contrast = tables.by_contrast(rows, streams[2])
    found = {table: first, comparisons: differences, contrasts: by_contrast}
    write_traced(found, __name__, seed, paper, sources)
    write_sections(table_one_sections(first), banner, markdown, latex)


def figure_four(slices: Sequence[str | Path], figure: str | Path) -> None:
    """Box plots of the untouched data by source."""
    box_figure(untouched(_read(slices)), figure)


def sweep(
    slices: Sequence[str | Path],
    pairs: Pairs,
    seed: int,
    table: str | Path,
    comparisons: str | Path,
    figure: str | Path,
    sources: str | Path,
) -> None:
    """Dice at every level of each knob and its paired differences (CSV), a figure, a record.

    Raises:
        UserError: no table has a knob.
    """
    rows = _read(slices)
    if (rows["knob"] == "").all():
        raise UserError(f"{slices[0]}: neither it nor any other table has a knob; nothing to sweep")
    streams = [generator(seed, "skull_strip", name) for name in ("sweep", "sweep pairs")]
    found = tables.sweep_table(rows, streams[0])
    differences = tables.sweep_comparisons(rows, pairs, streams[1])
    write_traced({table: found, comparisons: differences}, __name__, seed, None, sources)
    sweep_figure(found, figure)


def cases(
    images: str | Path,
    staple: str | Path,
    slices: Mapping[str, str | Path],
    predictions: Mapping[str, str | Path],
    figure: str | Path,
) -> None:
    """Best, median and worst slices by the Dice of phasegen, or of the last source without it.

    Args:
        images: store of the test cohort.
        staple: its consensus masks (npz).
        slices: per-slice table by source, of one seed.
        predictions: predicted masks (npz) by source.

    Raises:
        UserError: masks do not fit the store, or no slice has a brain and a Dice coefficient.
    """
    index, store = read_index(images), open_single_coil(images)
    truth = _masks(staple, store.shape)
    sources = in_order(predictions)
    dice = {name: _dice(slices[name], index) for name in sources}
    judge = "phasegen" if "phasegen" in sources else sources[-1]
    chosen = extremes(np.where(truth.any(axis=(1, 2)), dice[judge], np.nan), each=2)
    if not chosen:
        raise UserError(f"{slices[judge]}: no slice with a brain has a Dice coefficient")
    predicted = {name: _masks(predictions[name], store.shape) for name in sources}
    titles = slice_titles(index, np.array(list(chosen)))
    cases_sheet(
        [
            Case(
                f"{kind}\n{title}",
                store[row, 0],
                truth[row],
                {name: masks[row] for name, masks in predicted.items()},
                {name: values[row] for name, values in dice.items()},
            )
            for (row, kind), title in zip(chosen.items(), titles, strict=True)
        ],
        figure,
    )


def overlays(
    images: str | Path,
    masks: Mapping[str, str | Path],
    staple: str | Path,
    note: str,
    figure: str | Path,
) -> None:
    """Outlines of all raters and of STAPLE on all slices, or on some of a large cohort.

    Args:
        images: store of the test cohort.
        masks: masks (npz) by rater.
        staple: consensus masks (npz).
        note: line above the sheet.

    Raises:
        UserError: masks do not fit the store.
    """
    index, store = read_index(images), open_single_coil(images)
    rows = np.arange(len(index))
    if len(rows) > OVERLAYS:
        rows = spread_rows(index, OVERLAYS)
    by_rater = {name: _masks(path, store.shape)[rows] for name, path in masks.items()}
    rated = {name: _rated(path)[rows] for name, path in {**masks, "STAPLE": staple}.items()}
    overlay_sheet(
        slice_titles(index, rows),
        np.abs(store.oindex[rows][:, 0]),
        by_rater,
        _masks(staple, store.shape)[rows],
        [[name for name, was in rated.items() if not was[n]] for n in range(len(rows))],
        note,
        figure,
    )


def _read(slices: Sequence[str | Path]) -> pd.DataFrame:
    hint = "; the test cohort has no brain masks, see its table of raters"
    return join_slices(slices, COLUMNS, hint)


def _dice(path: str | Path, index: pd.DataFrame) -> np.ndarray:
    """Dice of untouched data against the consensus by row of the store, NaN where there is none."""
    rows = read_slices(path, COLUMNS)
    rows = rows[(rows["knob"] == "") & (rows["truth"] == SHOWN_TRUTH)]
    return index[SLICE].merge(rows, "left", SLICE, validate="1:1")["dice"].to_numpy()


def _masks(path: str | Path, shape: tuple[int, ...]) -> np.ndarray:
    """Masks ``(slice, y, x)`` of a store of this shape ``(slice, coil, y, x)``."""
    with np.load(path) as file:
        masks = file["mask"]
    if masks.shape != (shape[0], *shape[2:]):
        raise UserError(
            f"{path}: has masks of shape {masks.shape}, the images have {shape}; make it again"
        )
    return masks > 0


def _rated(path: str | Path) -> np.ndarray:
    with np.load(path) as file:
        return file["rated"]
