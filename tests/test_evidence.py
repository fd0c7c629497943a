"""What docs/evidence says is what its tables hold."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from phasegen.nn.complex import ComplexConv2d
from phasegen.report.markdown import markdown
from phasegen.report.skull_strip_sections import table_one_sections
from phasegen.settings import TaskModel, read_cohorts
from phasegen.tasks.skull_strip_network import ImageNetwork

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence"
CONFIG = EVIDENCE.parents[1] / "config"
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
    config = yaml.safe_load((CONFIG / "small.yaml").read_text())
    simulation = config["simulation"]
    heads, contrasts = simulation["groups"]["convert"], len(simulation["contrasts"])
    assert (heads, heads * contrasts * simulation["slices_of"]["convert"]) == (112, 2240)
    assert config["skull_strip"]["model"]["training"]["validation"] == 0.1


def test_the_network_has_as_many_weights_as_the_page_says():
    config = yaml.safe_load((CONFIG / "small.yaml").read_text())
    network = ImageNetwork(TaskModel.model_validate(config["skull_strip"]["model"]))
    layers = [part for part in network.modules() if isinstance(part, ComplexConv2d)]
    count = sum(layer.weight.numel() + layer.bias.numel() for layer in layers) // 2
    assert f"{count:,} complex weights" in (EVIDENCE / "README.md").read_text()


@TRUTHS
@pytest.mark.parametrize(
    ("domain", "plain"),
    [("", "none"), ("", "naive"), ("_image", "none"), ("_image", "naive")],
)
def test_phasegen_is_above_the_plain_phases(truth, domain, plain):
    row = difference(PAIRED, f"phasegen{domain}", f"{plain}{domain}", truth=truth)
    is_small = (truth, domain, plain) == ("staple", "", "naive")
    assert row["difference"] > 0 and is_above(row) != is_small
    assert is_above(swept(f"phasegen{domain}", f"{plain}{domain}", "phase_times", 1, truth))
    for knob, level in (("phase_times", 2), ("phase_times", 4), ("coil_phase", 8)):
        assert is_above(swept(f"phasegen{domain}", f"{plain}{domain}", knob, level, truth))


@TRUTHS
def test_original_is_not_told_from_phasegen_in_kspace(truth):
    row = difference(PAIRED, "original", "phasegen", truth=truth)
    assert row["low"] < 0 < row["high"]
    for _, row in SWEEP[SWEEP["truth"] == truth].iterrows():
        if (row["left"], row["right"]) == ("original", "phasegen"):
            assert row["low"] < 0 < row["high"]


@TRUTHS
def test_on_the_image_original_is_ahead_under_moderate_phase(truth):
    pair = "original_image", "phasegen_image"
    row = difference(PAIRED, *pair, truth=truth)
    assert row["low"] < 0 < row["high"]
    for knob, level in (("coil_phase", 8), ("echo_shift", 4)):
        row = swept(*pair, knob, level, truth)
        assert is_above(row) and row["difference"] == pytest.approx(1, abs=0.25)


@TRUTHS
def test_without_phase_the_plain_ones_are_better_on_the_image(truth):
    for plain in ("none_image", "naive_image"):
        assert is_below(swept("phasegen_image", plain, "phase_times", 0, truth))
    by_level = pd.read_csv(EVIDENCE / "skull_strip_sweep_simulated-test.csv")
    still = by_level.query("truth == @truth and knob == 'phase_times' and level == 0")
    means = still.set_index("source")["dsc_percent_subject_mean"]
    assert set(means.nlargest(2).index) == {"none_image", "naive_image"}


@TRUTHS
@pytest.mark.parametrize("plain", ["none", "naive"])
def test_without_phase_all_are_alike_in_kspace(truth, plain):
    row = swept("phasegen", plain, "phase_times", 0, truth)
    assert row["low"] < 0 < row["high"]


@TRUTHS
@pytest.mark.parametrize("plain", ["none", "naive"])
def test_phasegen_is_above_in_kspace_under_every_phase(truth, plain):
    for knob, levels in (("phase_times", (2, 4)), ("echo_shift", (4, 16)), ("coil_phase", (8, 24))):
        for level in levels:
            assert is_above(swept("phasegen", plain, knob, level, truth))


@TRUTHS
@pytest.mark.parametrize("plain", ["none_image", "naive_image"])
def test_the_strongest_phase_spoils_every_arm_on_the_image(truth, plain):
    for knob, level in (("echo_shift", 16), ("coil_phase", 24)):
        row = swept("phasegen_image", plain, knob, level, truth)
        assert row["low"] < 0 < row["high"]


def test_sizes_of_the_differences():
    def of(left, right):
        return difference(PAIRED, left, right, truth="mask")["difference"]

    assert of("phasegen", "none") == pytest.approx(1.25, abs=0.1)
    assert of("phasegen", "naive") == pytest.approx(0.5, abs=0.1)
    assert of("phasegen_image", "none_image") == pytest.approx(4.25, abs=0.2)
    assert of("phasegen_image", "naive_image") == pytest.approx(6, abs=0.2)


def test_more_phase_costs_nothing_in_kspace_and_three_points_on_the_image():
    table = pd.read_csv(EVIDENCE / "skull_strip_sweep_simulated-test.csv")
    means = table[(table["truth"] == "mask") & (table["knob"] == "phase_times")].pivot_table(
        index="source", columns="level", values="dsc_percent_subject_mean"
    )
    lost = means[1] - means[4]
    assert (lost[["phasegen", "original"]].abs() < 0.2).all()
    assert (lost[["phasegen_image", "original_image"]] - 3).abs().max() < 0.5


def test_one_line_of_augmentation():
    row = difference(PAIRED, "phasegen_image", "none_turned", truth="mask")
    assert is_above(row) and 0 < row["difference"] < 0.5
    for knob, level in (
        ("coil_phase", 8),
        ("coil_phase", 24),
        ("phase_times", 4),
        ("echo_shift", 4),
    ):
        more = swept("phasegen_image", "none_turned", knob, level)
        assert is_above(more) and 0.9 < more["difference"] < 2
    off = swept("phasegen_image", "none_turned", "echo_shift", 16)
    assert is_above(off) and off["difference"] > 4


@TRUTHS
@pytest.mark.parametrize("domain", ["", "_image"])
@pytest.mark.parametrize("plain", ["none", "naive"])
def test_distances_are_in_the_order_of_dice(truth, domain, plain):
    pair = f"phasegen{domain}", f"{plain}{domain}"
    assert is_below(difference(PAIRED, *pair, truth=truth, metric="hd95"))


def test_sizes_of_the_differences_on_two_patients():
    means = pd.read_csv(EVIDENCE / "table1_ulf.csv").set_index("source")["dsc_percent_slice_mean"]
    assert 0.5 < means["phasegen"] - means["none"] < 1
    assert means["phasegen"] - means["naive"] == pytest.approx(0.1, abs=0.05)
    assert 0 < means["original"] - means["phasegen"] < 0.2
    for plain, points in (("none_image", 4.8), ("naive_image", 9)):
        assert means["phasegen_image"] - means[plain] == pytest.approx(points, abs=0.1)
    swept = pd.read_csv(EVIDENCE / "skull_strip_sweep_ulf.csv").query("knob == 'phase_times'")
    none = swept[swept["source"] == "none"].set_index("level")["dsc_percent_subject_mean"]
    assert none[0] - none[1] == pytest.approx(0.5, abs=0.1)


def test_two_patients_meet_the_networks_of_the_heads():
    heads, patients = (read_cohorts(CONFIG / f"{name}.tsv") for name in ("small", "ulf"))
    assert patients.pop("ulf").role == "test"
    assert patients == heads


def by_contrast_and_patient():
    table = pd.read_csv(EVIDENCE / "table1_ulf_contrasts.csv").query("subject != 'all'")
    return table.pivot_table(
        index=["contrast", "subject"], columns="source", values="dsc_percent_subject_mean"
    )


def test_on_the_image_plain_phases_are_below_in_every_contrast_of_both_patients():
    means = by_contrast_and_patient()
    for plain in ("none_image", "naive_image"):
        assert (means[plain] < means["phasegen_image"]).all()


def test_in_kspace_one_patient_has_the_order_and_one_has_not():
    means = by_contrast_and_patient()
    first, second = (means.xs(name, level="subject") for name in ("P3", "P4"))
    for plain in ("none", "naive"):
        assert (first[plain] < first["phasegen"]).all()
    assert (second["naive"] > second["phasegen"]).all()
    assert (second["none"] > second["phasegen"]).sum() == 2 and len(second) == 3


@pytest.mark.parametrize("domain", ["", "_image"])
def test_the_means_of_two_patients_have_the_same_order(domain):
    table = pd.read_csv(EVIDENCE / "table1_ulf.csv").set_index("source")["dsc_percent_slice_mean"]
    none, naive, phasegen, original = (
        table[f"{name}{domain}"] for name in ("none", "naive", "phasegen", "original")
    )
    assert max(none, naive) < min(phasegen, original)
    assert original == pytest.approx(phasegen, abs=0.5)
    assert set(pd.read_csv(EVIDENCE / "table1_ulf.csv")["subjects"]) == {2}
