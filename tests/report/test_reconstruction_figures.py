"""Plots of reconstruction name what they show, of many results and of few."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from phasegen.report.palette import KNOWN, LABELS, MODES
from phasegen.report.reconstruction_figures import box_figure, share_figure, with_mixes
from phasegen.report.reconstruction_table import table_three, table_two

from .conftest import MIXED, PSNR, reconstructions

PAPER = pd.read_csv(Path(__file__).parents[2] / "resources" / "paper_tables.csv")
FEW = {"subjects": 1, "slices": 2, "seeds": (0,), "psnr": {"phasegen": 20.0}, "mixed": {}}
BOTH = {"models": ("large", "small"), "factors": (4, 8), "mixed": {}}


def boxes(folder, name="a.svg", **made):
    box_figure(reconstructions(**made), folder / name)
    return (folder / name).read_text()


def shares(folder, name="a.svg", expected=(), **made):
    rows, stream = reconstructions(**made), np.random.default_rng(0)
    three = table_three(rows, PAPER, stream, expected)
    share_figure(table_two(rows, PAPER, stream), three, folder / name)
    return (folder / name).read_text()


@pytest.mark.parametrize("made", [{}, FEW, BOTH])
def test_boxes_name_sources_metrics_and_panels(tmp_path, made):
    text = boxes(tmp_path, **made)
    sources = made.get("psnr", PSNR)
    for name in sources:
        assert f"<!-- {LABELS.get(name, name)} -->" in text
    for words in ("SSIM [%]", "PSNR [dB]", "MSE", "NRMSE"):
        assert f"<!-- {words} -->" in text
    panels = [f"knees, factor {f}, model {m}" for f in (4, 8) for m in ("small", "large")]
    shown = panels if made is BOTH else panels[:1]
    assert [p for p in panels if f"<!-- {p} -->" in text] == shown
    places = [text.index(f"<!-- {panel} -->") for panel in shown]
    assert places == sorted(places)
    for name, style in KNOWN.items():
        if style["color"] != "#000000":
            assert (style["color"].lower() in text) == (name in sources)


def test_boxes_leave_out_mixes_and_blank_slices(tmp_path):
    whole = boxes(tmp_path)
    assert boxes(tmp_path, mixed={}) == whole
    rows = reconstructions()
    box_figure(rows[rows["slice"] > 0], tmp_path / "b.svg")
    assert (tmp_path / "b.svg").read_text() == whole


@pytest.mark.parametrize("subjects", [1, 5])
def test_shares_have_three_curves_and_two_levels(tmp_path, subjects):
    text = shares(tmp_path, subjects=subjects)
    for words in (
        *("mixed with phasegen", "original only", "fine-tuned", "phasegen alone", "zero-filled"),
        *("SSIM [%]", "PSNR [dB]", "original data [% of the training slices]", "1", "10", "100"),
    ):
        assert f"<!-- {words} -->" in text
    colours = [
        style["color"] for style in (*MODES.values(), KNOWN["phasegen"], KNOWN["zerofilling"])
    ]
    assert len(set(colours)) == 5 and all(colour.lower() in text for colour in colours)


def test_what_is_not_there_is_not_drawn(tmp_path):
    text = shares(tmp_path, psnr={"original": 27.0}, mixed={"mixed": MIXED["mixed"]})
    for words in ("original only", "fine-tuned", "phasegen alone", "zero-filled"):
        assert words not in text


def test_a_model_that_was_not_mixed_is_no_panel(tmp_path):
    small, both = reconstructions(), reconstructions(models=("large",), mixed={})
    rows = pd.concat([small, both[both["model"] == "large"]], ignore_index=True)
    expected = [("large", 4, 10.0, mode) for mode in MIXED]
    table = table_three(rows, PAPER, np.random.default_rng(0), expected)
    assert [names["model"] for names, _ in with_mixes(table)] == ["small"]


def test_original_only_ends_with_all_of_the_data(tmp_path, monkeypatch):
    drawn = {}
    plot = Axes.plot
    monkeypatch.setattr(
        Axes,
        "plot",
        lambda axis, x, y, **style: (
            drawn.setdefault(style["label"], list(x)),
            plot(axis, x, y, **style),
        )[1],
    )
    shares(tmp_path)
    assert drawn["original only"] == drawn["mixed with phasegen"] == [1, 10, 20, 100]
    assert drawn["fine-tuned"] == [1, 10, 20]


def test_figures_are_the_same_every_time(tmp_path):
    assert boxes(tmp_path) == boxes(tmp_path, "b.svg")
    assert shares(tmp_path, "c.svg") == shares(tmp_path, "d.svg")
