"""The steps read per-slice tables and masks, and write whole tables and pictures or none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from phasegen.errors import UserError
from phasegen.settings import SkullStrip
from phasegen.steps import skull_strip_report as steps
from phasegen.store.reading import open_store, read_index

from ..report.conftest import DICE, SWEPT, results

PAPER = Path(__file__).parents[2] / "resources" / "paper_tables.csv"
PAIRS = SkullStrip().comparisons


def write(rows, folder):
    """One file per source and seed, as the tests of the networks write them."""
    paths = []
    for (source, seed), part in rows.groupby(["source", "seed"]):
        paths.append(folder / f"{source}_{seed}.parquet")
        part.to_parquet(paths[-1])
    return paths


def make_table(slices, folder, seed=1):
    names = (
        "table.csv",
        "pairs.csv",
        "contrasts.csv",
        "table.md",
        "table.tex",
        "table.sources.json",
    )
    paths = [folder / "out" / name for name in names]
    steps.table_one(slices, PAPER, PAIRS, seed, "", *paths)
    return paths


def test_table_one_and_its_companions(tmp_path):
    table, pairs, contrasts, markdown, latex, _ = make_table(write(results(), tmp_path), tmp_path)
    assert list(pd.read_csv(table)["source"]) == list(DICE)
    assert (pd.read_csv(pairs)["verdict"] != "too few subjects").all()
    assert set(pd.read_csv(contrasts)["contrast"]) == {"T1w"}
    assert "78.0 ± " in markdown.read_text()
    assert r"78.0 $\pm$ " in latex.read_text()
    assert not list((tmp_path / "out").glob(".*"))


def test_tables_depend_on_the_seed_alone_not_on_the_order_of_files(tmp_path):
    slices = write(results(), tmp_path)
    first, again, other = (
        [path.read_text() for path in make_table(paths, tmp_path, seed)]
        for paths, seed in ((slices, 1), (slices[::-1], 1), (slices, 2))
    )
    assert first == again and first != other


def test_one_source_has_an_empty_table_of_pairs(tmp_path):
    slices = write(results({"phasegen": 0.8}), tmp_path)
    pairs = pd.read_csv(make_table(slices, tmp_path)[1])
    assert pairs.empty and "p_holm" in pairs


def test_a_table_without_a_column_is_named(tmp_path):
    slices = write(results(), tmp_path)
    pd.read_parquet(slices[2]).drop(columns="hd95").to_parquet(slices[2])
    with pytest.raises(UserError, match=rf"{slices[2].name}: has no column 'hd95'"):
        make_table(slices, tmp_path)
    assert not (tmp_path / "out").exists()


def test_tables_without_any_slice_are_told(tmp_path):
    results().iloc[:0].to_parquet(tmp_path / "none.parquet")
    for step in (make_table, lambda slices, folder: steps.figure_four(slices, folder / "a.svg")):
        with pytest.raises(UserError, match=r"none.parquet: .* no brain masks"):
            step([tmp_path / "none.parquet"], tmp_path)


def test_figure_four_shows_untouched_data_only(tmp_path):
    for name, data in (("a", SWEPT), ("b", SWEPT[:1])):
        folder = tmp_path / name
        folder.mkdir()
        steps.figure_four(write(results(data=data), folder), folder / "boxes.svg")
    assert (tmp_path / "a/boxes.svg").read_bytes() == (tmp_path / "b/boxes.svg").read_bytes()


def test_sweep(tmp_path):
    slices = write(results(data=SWEPT), tmp_path)
    paths = [tmp_path / name for name in ("sweep.csv", "pairs.csv", "sweep.svg", "s.json")]
    steps.sweep(slices, PAIRS, 1, *paths)
    assert (pd.read_csv(paths[1])["verdict"] != "").all()
    assert set(pd.read_csv(tmp_path / "sweep.csv")["knob"]) == {"echo_shift", "coil_phase"}
    assert "echo shift" in (tmp_path / "sweep.svg").read_text()


def test_nothing_to_sweep_is_told(tmp_path):
    with pytest.raises(UserError, match="nothing to sweep"):
        steps.sweep(write(results(), tmp_path), PAIRS, 1, *[tmp_path / "a.csv"] * 4)
    assert not (tmp_path / "a.csv").exists()


@pytest.fixture
def cohort(stores, tmp_path):
    """Store of images, consensus, rater, and per source a table and a prediction."""
    images = stores / "images.zarr"
    index, shape = read_index(images), open_store(images).shape
    brain = np.zeros((shape[0], *shape[2:]), np.uint8)
    brain[:, 4:12, 4:12] = 1
    brain[0] = 0
    np.savez(tmp_path / "staple.npz", mask=brain, rated=np.ones(len(brain), bool))
    np.savez(tmp_path / "rater.npz", mask=brain, rated=np.arange(len(brain)) > 3)
    slices, predictions = {}, {}
    for source in ("none", "phasegen"):
        rows = index[["cohort", "subject", "series", "slice"]].iloc[::-1].reset_index(drop=True)
        made = results({source: 0.5}, 1, 2, (0,)).drop(columns=rows.columns).iloc[[1] * len(rows)]
        rows = rows.join(made.reset_index(drop=True))
        rows["dice"] = np.linspace(0.9, 0.0, len(rows))  # the first row of the store is the best
        slices[source] = tmp_path / f"{source}.parquet"
        pd.concat([rows, rows.assign(truth="mask"), rows.assign(knob="echo_shift")]).to_parquet(
            slices[source]
        )
        predictions[source] = tmp_path / f"{source}.npz"
        np.savez(predictions[source], mask=np.roll(brain, 1, 1))
    return images, tmp_path / "staple.npz", slices, predictions


def test_cases(cohort, tmp_path, monkeypatch):
    shown = []
    draw = steps.cases_sheet
    monkeypatch.setattr(steps, "cases_sheet", lambda c, path: (shown.extend(c), draw(c, path)))
    steps.cases(*cohort, tmp_path / "cases.png")
    assert imread(tmp_path / "cases.png").shape[0] > 1000
    kinds = [case.title.split("\n")[0] for case in shown]
    assert kinds == ["best", "best", "median", "median", "worst", "worst"]
    # Dice rises along the store; its blank first slice is no case.
    store, rows = open_store(cohort[0]), [9, 8, 6, 5, 2, 1]
    np.testing.assert_array_equal([case.image for case in shown], store.oindex[rows][:, 0])
    assert [case.dice["none"] for case in shown] == pytest.approx([0.1 * row for row in rows])


def test_cases_without_phasegen(cohort, tmp_path):
    images, staple, slices, predictions = cohort
    less = [{"none": paths["none"]} for paths in (slices, predictions)]
    steps.cases(images, staple, *less, tmp_path / "cases.png")
    assert (tmp_path / "cases.png").is_file()


def test_masks_of_another_store_are_refused(cohort, tmp_path):
    images, staple, slices, predictions = cohort
    np.savez(predictions["none"], mask=np.zeros((3, 8, 8), np.uint8))
    with pytest.raises(UserError, match=r"none.npz: .*make it again"):
        steps.cases(images, staple, slices, predictions, tmp_path / "cases.png")
    with pytest.raises(UserError, match=r"none.npz: .*make it again"):
        steps.overlays(images, {"a": predictions["none"]}, staple, "", tmp_path / "cases.png")
    assert not (tmp_path / "cases.png").exists()


def test_a_cohort_without_any_scored_slice_is_told(cohort, tmp_path):
    rows = pd.read_parquet(cohort[2]["phasegen"])
    rows.assign(dice=np.nan).to_parquet(cohort[2]["phasegen"])
    with pytest.raises(UserError, match=r"phasegen.parquet: no slice"):
        steps.cases(*cohort, tmp_path / "cases.png")


@pytest.mark.parametrize("limit", [24, 4])
def test_overlays_show_all_or_a_spread(cohort, tmp_path, monkeypatch, limit):
    shown = {}
    draw = steps.overlay_sheet
    monkeypatch.setattr(steps, "OVERLAYS", limit)
    monkeypatch.setattr(
        steps, "overlay_sheet", lambda *args: (shown.update(enumerate(args)), draw(*args))
    )
    raters = {"tool": tmp_path / "rater.npz"}
    steps.overlays(cohort[0], raters, cohort[1], "Not verified by a person", tmp_path / "a.png")
    titles, unrated = shown[0], shown[4]
    assert len(titles) == len(unrated) == 10 if limit == 24 else 2 <= len(titles) <= 4
    assert len({title.split("\n")[0] for title in titles}) == 2
    if limit == 24:
        assert unrated == [["tool"]] * 4 + [[]] * 6
    assert imread(tmp_path / "a.png").std() > 0.05
