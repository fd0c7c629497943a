"""What docs/evidence says is what its tables hold."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from phasegen.nn.complex import ComplexConv2d
from phasegen.report.markdown import markdown
from phasegen.report.skull_strip_sections import table_one_sections
from phasegen.settings import TaskModel
from phasegen.tasks.skull_strip_network import ImageNetwork

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence"
PAIRED = pd.read_csv(EVIDENCE / "table1_simulated-test_comparisons.csv")
SWEEP = pd.read_csv(EVIDENCE / "skull_strip_sweep_simulated-test_comparisons.csv")
TRUTHS = pytest.mark.parametrize("truth", ["mask", "staple"])


def difference(table, left, right, **where):
    """The one row of a pair of arms; Dice where nothing else is said."""
    for name, value in ({"metric": "dsc_percent"} | where | {"left": left, "right": right}).items():
        table = table[table[name] == value]
    (row,) = table.to_dict("records")
    return row


def swept(left, right, knob, level, truth="mask"):
    return difference(
        SWEEP.assign(metric="dsc_percent"), left, right, knob=knob, level=level, truth=truth
    )


def is_above(row):
    return row["low"] > 0 and row["p_holm"] < 0.05


def is_below(row):
    return row["high"] < 0 and row["p_holm"] < 0.05


@pytest.mark.parametrize("cohort", ["simulated-test", "ulf"])
def test_markdown_is_made_of_the_csv(cohort):
    table = pd.read_csv(EVIDENCE / f"table1_{cohort}.csv")
    assert (EVIDENCE / f"table1_{cohort}.md").read_text() == markdown(table_one_sections(table))


def test_every_file_that_is_named_is_there():
    for name in re.findall(r"\]\(([^)#]+)\)", (EVIDENCE / "README.md").read_text()):
        assert (EVIDENCE / name).is_file(), name


def test_the_run_is_as_large_as_the_page_says():
    table = pd.read_csv(EVIDENCE / "table1_simulated-test.csv")
    assert set(table["subjects"]) == {16} and set(table["seeds"]) == {3}
    assert set(table["slices"]) == {1280}
    config = yaml.safe_load((EVIDENCE.parents[1] / "config" / "small.yaml").read_text())
    simulation = config["simulation"]
    heads, contrasts = simulation["groups"]["convert"], len(simulation["contrasts"])
    assert (heads, heads * contrasts * simulation["slices_of"]["convert"]) == (112, 2240)
    assert config["skull_strip"]["model"]["training"]["validation"] == 0.1


def test_the_network_has_as_many_weights_as_the_page_says():
    config = yaml.safe_load((EVIDENCE.parents[1] / "config" / "small.yaml").read_text())
    network = ImageNetwork(TaskModel.model_validate(config["skull_strip"]["model"]))
    layers = [part for part in network.modules() if isinstance(part, ComplexConv2d)]
    count = sum(layer.weight.numel() + layer.bias.numel() for layer in layers) // 2
    assert f"{count:,} complex weights" in (EVIDENCE / "README.md").read_text()


@TRUTHS
@pytest.mark.parametrize("domain", ["", "_image"])
@pytest.mark.parametrize("plain", ["none", "naive"])
def test_phasegen_is_above_the_plain_phases(truth, domain, plain):
    row = difference(PAIRED, f"phasegen{domain}", f"{plain}{domain}", truth=truth)
    assert is_above(row)
    for knob, level in (("phase_times", 2), ("phase_times", 4), ("coil_phase", 8)):
        assert is_above(swept(f"phasegen{domain}", f"{plain}{domain}", knob, level, truth))


@TRUTHS
def test_original_is_not_told_from_phasegen_but_under_the_strongest_coil(truth):
    for domain in ("", "_image"):
        row = difference(PAIRED, f"original{domain}", f"phasegen{domain}", truth=truth)
        assert row["low"] < 0 < row["high"]
    assert is_above(swept("original_image", "phasegen_image", "coil_phase", 24, truth))


@TRUTHS
def test_without_phase_the_plain_ones_are_better(truth):
    for plain in ("none_image", "naive_image"):
        assert is_below(swept("phasegen_image", plain, "phase_times", 0, truth))
    row = swept("phasegen", "none", "phase_times", 0, truth)
    assert is_below(row) and row["difference"] > -0.5


def test_sizes_of_the_differences():
    def of(left, right):
        return difference(PAIRED, left, right, truth="mask")["difference"]

    assert of("phasegen", "none") == pytest.approx(2, abs=0.5)
    assert of("phasegen_image", "none_image") == pytest.approx(17, abs=0.5)
    assert of("phasegen_image", "naive_image") == pytest.approx(6, abs=0.5)


def test_one_line_of_augmentation():
    row = difference(PAIRED, "phasegen_image", "none_turned", truth="mask")
    assert is_above(row) and row["difference"] == pytest.approx(0.5, abs=0.1)
    for knob, level in (("coil_phase", 8), ("coil_phase", 24), ("phase_times", 4)):
        more = swept("phasegen_image", "none_turned", knob, level)
        assert is_above(more) and 1.2 < more["difference"] < 2.5


def test_largest_distances_and_percentiles_disagree():
    table = pd.read_csv(EVIDENCE / "table1_simulated-test.csv").set_index(["truth", "source"])
    for truth in ("mask", "staple"):
        none = table.loc[(truth, "none")]
        for arm in ("phasegen", "original"):
            row = table.loc[(truth, arm)]
            assert row["hausdorff_slice_mean"] > none["hausdorff_slice_mean"]
            assert row["hd95_slice_mean"] < none["hd95_slice_mean"]


@pytest.mark.parametrize("domain", ["", "_image"])
def test_the_means_of_two_patients_have_the_same_order(domain):
    table = pd.read_csv(EVIDENCE / "table1_ulf.csv").set_index("source")["dsc_percent_slice_mean"]
    means = [table[f"{name}{domain}"] for name in ("none", "naive", "phasegen", "original")]
    assert means == sorted(means)
    assert set(pd.read_csv(EVIDENCE / "table1_ulf.csv")["subjects"]) == {2}
