"""Rules that report on reconstruction: per-slice tables and images in, tables and pictures out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.report import reconstruction_table as tables
from phasegen.report.palette import in_order
from phasegen.report.reconstruction_figures import box_figure, share_figure, with_mixes
from phasegen.report.reconstruction_sections import (
    difference_sections,
    table_three_sections,
    table_two_sections,
)
from phasegen.report.reconstruction_sheet import Example, reconstruction_sheet
from phasegen.report.slice_results import SLICE, Pairs, extremes
from phasegen.seeds import generator
from phasegen.steps.figures import slice_titles
from phasegen.steps.section_file import write_sections
from phasegen.steps.table_file import join_slices, read_slices, read_table
from phasegen.steps.traced_tables import write_traced

COLUMNS = {*SLICE, "contrast", "source", "share", "seed", "model", "factor", "ssim", "psnr"}
COLUMNS |= {"mse", "nrmse", "fastmri_ssim", "fastmri_psnr", "fastmri_nmse"}


def table_two(
    slices: Sequence[str | Path],
    paper: str | Path,
    pairs: Pairs,
    expected: Sequence[tuple[str, int, str]],
    seed: int,
    banner: str,
    table: str | Path,
    comparisons: str | Path,
    contrasts: str | Path,
    markdown: str | Path,
    latex: str | Path,
    sources: str | Path,
) -> None:
    """Table II (CSV, Markdown and LaTeX), paired differences and the table by contrast (CSV).

    ``sources`` becomes the record of the files behind every row, see `phasegen.steps.traced_tables`.

    Args:
        slices: per-slice tables (Parquet) of floors, sources, models, factors and seeds.
        paper: `resources/paper_tables.csv`.
        pairs: sources that are compared, left minus right.
        expected: model, factor and source of all cells of a full table.

    Raises:
        UserError: a table lacks a column, none has a slice, or sources were not tested on the
            same slices with the same seeds.
    """
    rows = join_slices(slices, COLUMNS)
    streams = _streams(seed, "two")
    found = tables.table_two(rows, pd.read_csv(paper), streams[0], expected)
    differences = tables.comparisons_two(rows, pairs, streams[1])
    by_contrast = tables.contrasts_two(rows, streams[2])
    traced = {table: found, comparisons: differences, contrasts: by_contrast}
    write_traced(traced, __name__, seed, paper, sources)
    sections = [*table_two_sections(found), *difference_sections(differences)]
    write_sections(sections, banner, markdown, latex)


def table_three(
    slices: Sequence[str | Path],
    paper: str | Path,
    expected: Sequence[tuple[str, int, float, str]],
    seed: int,
    banner: str,
    table: str | Path,
    comparisons: str | Path,
    contrasts: str | Path,
    markdown: str | Path,
    latex: str | Path,
    sources: str | Path,
) -> None:
    """Table III, its paired differences and the table by contrast, files as of `table_two`.

    Args:
        slices: per-slice tables (Parquet) of mixes and of the arm ``original``.
        expected: model, factor, share and mode of all cells of a full table.

    Raises:
        UserError: as of `table_two`, or nothing is a mix.
    """
    rows = join_slices(slices, COLUMNS)
    if rows["share"].isna().all():
        raise UserError(f"{slices[0]}: neither it nor any other table is of a mix; nothing to tell")
    streams = _streams(seed, "three")
    found = tables.table_three(rows, pd.read_csv(paper), streams[0], expected)
    differences = tables.comparisons_three(rows, streams[1])
    by_contrast = tables.contrasts_three(rows, streams[2])
    traced = {table: found, comparisons: differences, contrasts: by_contrast}
    write_traced(traced, __name__, seed, paper, sources)
    sections = [*table_three_sections(found), *difference_sections(differences)]
    write_sections(sections, banner, markdown, latex)


def figure_five(slices: Sequence[str | Path], figure: str | Path) -> None:
    """Box plots of the four metrics by source; mixes are left out.

    Raises:
        UserError: a table lacks a column, or none is of a network trained on one source.
    """
    rows = join_slices(slices, COLUMNS)
    if not (rows["share"].isna() & (rows["model"] != "")).any():
        raise UserError(f"{slices[0]}: neither it nor any other table is of a trained network")
    box_figure(rows, figure)


def figure_six(two: str | Path, three: str | Path, figure: str | Path) -> None:
    """SSIM and PSNR against the share of original data.

    Args:
        two, three: Tables II and III (CSV) of the same cohorts.

    Raises:
        UserError: Table III has one share only.
    """
    levels, shares = (read_table(path) for path in (two, three))
    if not with_mixes(shares):
        raise UserError(f"{three}: has results at one share only; test mixes at more shares")
    share_figure(levels, shares, figure)


def sheet(
    targets: str | Path,
    reconstructions: Mapping[str, str | Path],
    slices: Mapping[str, str | Path],
    figure: str | Path,
) -> None:
    """Best, median and worst slice by the PSNR of phasegen, or of the last source without it.

    Args:
        targets: npz with ``magnitude`` ``(slice, y, x)`` of the fully sampled images, in the order
            of the rows of that source's table.
        reconstructions: npz with ``magnitude`` by source, in the order of the rows of its table.
        slices: per-slice table (Parquet) by source, of one model, factor and seed.

    Raises:
        UserError: images do not fit a table or the targets, a slice is missing in a table, or no
            slice has a PSNR.
    """
    sources = in_order(reconstructions)
    judge = "phasegen" if "phasegen" in sources else sources[-1]
    rows = {name: read_slices(slices[name], COLUMNS) for name in sources}
    psnr = rows[judge]["psnr"].to_numpy(float)
    chosen = extremes(np.where(np.isfinite(psnr), psnr, np.nan), each=1)
    if not chosen:
        raise UserError(f"{slices[judge]}: no slice has a PSNR")
    wanted = rows[judge].iloc[list(chosen)]
    target = _magnitude(targets, len(psnr), list(chosen))
    images, levels = {}, {}
    for name in sources:
        places = _places(rows[name], wanted, slices[name])
        images[name] = _magnitude(reconstructions[name], len(rows[name]), places, target.shape)
        levels[name] = rows[name]["psnr"].to_numpy(float)[places]
    titles = slice_titles(wanted, np.arange(len(wanted)))
    reconstruction_sheet(
        [
            Example(
                f"{kind}\n{title}",
                target[number],
                {name: values[number] for name, values in images.items()},
                {name: values[number] for name, values in levels.items()},
            )
            for number, (kind, title) in enumerate(zip(chosen.values(), titles, strict=True))
        ],
        figure,
    )


def _streams(seed: int, table: str) -> list[np.random.Generator]:
    return [
        generator(seed, "reconstruction", f"{table} {name}")
        for name in ("means", "pairs", "contrasts")
    ]


def _places(rows: pd.DataFrame, wanted: pd.DataFrame, path: str | Path) -> list[int]:
    """Number of each wanted slice in the rows of one source."""
    keys = pd.MultiIndex.from_frame(rows[SLICE])
    places = keys.get_indexer(pd.MultiIndex.from_frame(wanted[SLICE]))
    if (places < 0).any():
        raise UserError(
            f"{path}: lacks a slice that is shown; evaluate all sources on the same slices"
        )
    return places.tolist()


def _magnitude(
    path: str | Path, count: int, numbers: Sequence[int], shape: tuple[int, ...] | None = None
) -> np.ndarray:
    """Some of the images in a file, which has so many and, where told, so many pixels."""
    with np.load(path) as file:
        values = file["magnitude"]
    if values.ndim != 3 or len(values) != count or (shape and values.shape[1:] != shape[1:]):
        pixels = "y, x" if shape is None else ", ".join(map(str, shape[1:]))
        raise UserError(
            f"{path}: has images of shape {values.shape} in place of ({count}, {pixels}); make it again"
        )
    return values[numbers]
