"""Plots of skull-stripping name what they show, of many results and of few."""

import numpy as np
import pytest

from phasegen.report.palette import KNOWN
from phasegen.report.skull_strip_figures import box_figure, sweep_figure
from phasegen.report.skull_strip_table import sweep_table, untouched

from .conftest import DICE, SWEPT, results

FEW = {"subjects": 1, "slices": 2, "seeds": (0,), "dice": {"phasegen": 0.8}}


def drawn(figure, table, folder, name="a.svg"):
    figure(table, folder / name)
    return (folder / name).read_text()


def sweep_of(**made):
    return sweep_table(results(data=SWEPT, **made), np.random.default_rng(0))


@pytest.mark.parametrize("made", [{}, FEW, {"truths": ("staple", "mask")}])
def test_boxes_name_sources_units_and_truths(tmp_path, made):
    text = drawn(box_figure, untouched(results(**made)), tmp_path)
    sources, truths = made.get("dice", DICE), made.get("truths", ("staple",))
    for words in (*sources, "DSC [%]", "HD95 [pixel]", "HD [pixel]"):
        assert f"<!-- {words} -->" in text
    for truth in truths:
        assert f"<!-- heads, truth: {truth} -->" in text
    for name, style in KNOWN.items():
        if style["color"] != "#000000":
            assert (style["color"].lower() in text) == (name in sources)


def test_boxes_leave_out_what_has_no_value(tmp_path):
    rows = untouched(results())
    whole = drawn(box_figure, rows[rows["slice"] > 0], tmp_path)
    assert drawn(box_figure, rows, tmp_path) == whole


def test_a_source_without_any_value_keeps_its_place(tmp_path):
    rows = untouched(results())
    rows.loc[rows["source"] == "none", ["dsc_percent", "hd95", "hausdorff"]] = np.nan
    assert "<!-- none -->" in drawn(box_figure, rows, tmp_path)


@pytest.mark.parametrize("made", [{}, FEW, {"truths": ("staple", "mask")}])
def test_sweep_names_sources_knobs_and_units(tmp_path, made):
    text = drawn(sweep_figure, sweep_of(**made), tmp_path)
    units = ("echo shift [samples]", "phase of the coils [rad]")
    for words in (*made.get("dice", DICE), *units, "DSC [%], mean of the subjects"):
        assert f"<!-- {words} -->" in text


def test_one_knob_is_one_panel(tmp_path):
    table = sweep_of()
    text = drawn(sweep_figure, table[table["knob"] == "echo_shift"], tmp_path)
    assert "echo shift" in text and "coils" not in text


def test_figures_are_the_same_every_time(tmp_path):
    for figure, table in ((box_figure, untouched(results())), (sweep_figure, sweep_of())):
        assert drawn(figure, table, tmp_path) == drawn(figure, table, tmp_path, "b.svg")
