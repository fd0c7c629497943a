"""The steps read per-slice tables and images, and write whole tables and pictures or none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from phasegen.errors import UserError
from phasegen.steps import reconstruction_report as steps

from ..report.conftest import PSNR, reconstructions

PAPER = Path(__file__).parents[2] / "resources" / "paper_tables.csv"
PAIRS = [("phasegen", "naive"), ("phasegen", "zerofilling")]
EXPECTED = [["large", 4, "phasegen"]]
MIXED = [["large", 4, 10.0, "mixed"]]
KEYS = ["model", "factor", "source", "share", "seed"]


def write(rows, folder):
    """One file per model, factor, source or mode and share, and seed, as the tests write them."""
    paths = []
    for number, (_, part) in enumerate(rows.groupby(KEYS, dropna=False)):
        paths.append(folder / f"{number}.parquet")
        part.to_parquet(paths[-1])
    return paths


def outputs(folder, name):
    ends = (".csv", "_pairs.csv", "_contrasts.csv", ".md", ".tex", ".sources.json")
    return [folder / "out" / f"{name}{end}" for end in ends]


def table_two(slices, folder, seed=1):
    paths = outputs(folder, "two")
    steps.table_two(slices, PAPER, PAIRS, EXPECTED, seed, "", *paths)
    return paths


def table_three(slices, folder, seed=1):
    paths = outputs(folder, "three")
    steps.table_three(slices, PAPER, MIXED, seed, "", *paths)
    return paths


def test_table_two_and_its_companions(tmp_path):
    table, pairs, contrasts, markdown, latex, _ = table_two(
        write(reconstructions(), tmp_path), tmp_path
    )
    assert list(pd.read_csv(table)["source"]) == [*PSNR, "phasegen"]
    assert set(pd.read_csv(pairs)["verdict"]) == {"above"}
    assert set(pd.read_csv(contrasts)["contrast"]) == {"T1w"}
    text = markdown.read_text()
    assert "22.80 ± " in text and "not run at this size" in text
    assert "phasegen - zerofilling" in text
    assert "phasegen $-$ zerofilling" in latex.read_text()
    assert not list((tmp_path / "out").glob(".*"))


def test_table_three_and_its_companions(tmp_path):
    table, pairs, contrasts, markdown, latex, _ = table_three(
        write(reconstructions(), tmp_path), tmp_path
    )
    assert list(pd.read_csv(table)["share"].unique()) == [1, 10, 20, 100]
    assert set(pd.read_csv(pairs)["share"]) == set(pd.read_csv(contrasts)["share"]) - {100}
    text = markdown.read_text()
    assert "not run at this size" in text and "| mixed - original | 20 |" in text
    assert "mixed $-$ original & 20 &" in latex.read_text()


@pytest.mark.parametrize("make", [table_two, table_three])
def test_tables_depend_on_the_seed_alone_not_on_the_order_of_files(tmp_path, make):
    slices = write(reconstructions(), tmp_path)
    first, again, other = (
        [path.read_text() for path in make(paths, tmp_path, seed)]
        for paths, seed in ((slices, 1), (slices[::-1], 1), (slices, 2))
    )
    assert first == again and first != other


def figure_five(slices, folder):
    steps.figure_five(slices, folder / "out" / "a.svg")


@pytest.mark.parametrize("make", [table_two, table_three, figure_five])
def test_a_table_without_a_column_is_named(tmp_path, make):
    slices = write(reconstructions(), tmp_path)
    pd.read_parquet(slices[2]).drop(columns="nrmse").to_parquet(slices[2])
    with pytest.raises(UserError, match=rf"{slices[2].name}: has no column 'nrmse'"):
        make(slices, tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("make", [table_two, table_three, figure_five])
def test_tables_without_any_slice_are_told(tmp_path, make):
    reconstructions().iloc[:0].to_parquet(tmp_path / "none.parquet")
    with pytest.raises(UserError, match=r"none.parquet: neither it"):
        make([tmp_path / "none.parquet"], tmp_path)


def test_without_mixes_there_is_no_table_three(tmp_path):
    with pytest.raises(UserError, match="of a mix"):
        table_three(write(reconstructions(mixed={}), tmp_path), tmp_path)
    assert not (tmp_path / "out").exists()


def test_figure_five(tmp_path):
    slices = write(reconstructions(), tmp_path)
    figure_five(slices, tmp_path)
    assert "<!-- phasegen -->" in (tmp_path / "out/a.svg").read_text()
    floors = write(reconstructions({"zerofilling": 18.0}, {}), tmp_path)
    with pytest.raises(UserError, match="trained network"):
        figure_five(floors, tmp_path)


def test_figure_six_is_made_of_the_tables(tmp_path):
    slices = write(reconstructions(), tmp_path)
    two, three = table_two(slices, tmp_path)[0], table_three(slices, tmp_path)[0]
    steps.figure_six(two, three, tmp_path / "six.svg")
    text = (tmp_path / "six.svg").read_text()
    for words in ("fine-tuned", "zero-filled", "phasegen alone", "model small"):
        assert words in text
    assert "model large" not in text
    table = pd.read_csv(three)
    table[table["share"] == 100].to_csv(three, index=False)
    with pytest.raises(UserError, match=r"three.csv: .*one share only"):
        steps.figure_six(two, three, tmp_path / "no.svg")
    assert not (tmp_path / "no.svg").exists()


@pytest.fixture
def shown(tmp_path):
    """Targets, and per source reconstructions and a table; those of the floor in another order."""
    rows = reconstructions(subjects=2, slices=4, seeds=(0,), mixed={})
    targets = np.arange(1, 9)[:, None, None] * np.ones((8, 6, 6))
    np.savez(tmp_path / "targets.npz", magnitude=targets)
    images, slices = {}, {}
    for name in ("phasegen", "zerofilling"):
        own = rows[rows["source"] == name].reset_index(drop=True)
        own["psnr"] = [np.nan, 3.0, 1.0, 2.0, np.nan, 5.0, 4.0, np.inf]
        order = np.arange(8)[:: 1 if name == "phasegen" else -1]
        slices[name], images[name] = tmp_path / f"{name}.parquet", tmp_path / f"{name}.npz"
        own.iloc[order].to_parquet(slices[name])
        np.savez(images[name], magnitude=10 * targets[order])
    return tmp_path / "targets.npz", images, slices


def test_the_sheet_shows_best_median_and_worst(shown, tmp_path, monkeypatch):
    found = []
    draw = steps.reconstruction_sheet
    monkeypatch.setattr(
        steps, "reconstruction_sheet", lambda e, path: (found.extend(e), draw(e, path))
    )
    steps.sheet(*shown, tmp_path / "sheet.png")
    assert imread(tmp_path / "sheet.png").std() > 0.05
    assert [e.title for e in found] == [
        f"{kind}\n{series}\nslice {number}"
        for kind, series, number in (
            ("best", "s1_T1w", 1),
            ("median", "s0_T1w", 1),
            ("worst", "s0_T1w", 2),
        )
    ]
    for one, psnr, level in zip(found, (5, 3, 1), (6, 2, 3), strict=True):
        assert list(one.psnr.values()) == [psnr, psnr]
        assert list(one.reconstructed) == ["zerofilling", "phasegen"]
        for image in one.reconstructed.values():
            np.testing.assert_array_equal(image, 10 * one.target)
        assert (one.target == level).all()


def test_images_that_do_not_fit_are_refused(shown, tmp_path):
    targets, images, slices = shown
    for shape in ((7, 6, 6), (8, 5, 6), (8, 1, 6, 6)):
        np.savez(images["zerofilling"], magnitude=np.ones(shape))
        with pytest.raises(UserError, match=r"zerofilling.npz: .*make it again"):
            steps.sheet(targets, images, slices, tmp_path / "sheet.png")
    assert not (tmp_path / "sheet.png").exists()


def test_a_source_without_a_shown_slice_is_named(shown, tmp_path):
    targets, images, slices = shown
    pd.read_parquet(slices["zerofilling"]).iloc[:5].to_parquet(slices["zerofilling"])
    with pytest.raises(UserError, match=r"zerofilling.parquet: lacks a slice"):
        steps.sheet(targets, images, slices, tmp_path / "sheet.png")


def test_a_table_without_psnr_is_told(shown, tmp_path):
    targets, images, slices = shown
    rows = pd.read_parquet(slices["phasegen"])
    rows.assign(psnr=np.nan).to_parquet(slices["phasegen"])
    with pytest.raises(UserError, match=r"phasegen.parquet: no slice has a PSNR"):
        steps.sheet(targets, images, slices, tmp_path / "sheet.png")
