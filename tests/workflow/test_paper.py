"""Figures 2 and 3 and Tables A1 to A3, end to end on the tiny cohort."""

import json
import shutil

import pandas as pd
import pytest
import yaml

from phasegen.tasks.reconstruction_weights import load

from .conftest import REPOSITORY, TINY
from .test_dag import plan

TARGETS = ("figure2", "figure3", "tableA1", "tableA2", "tableA3")
CONFIG = yaml.safe_load(TINY.read_text())
WRITTEN = ["tableA1", "tableA2", "tableA3", "phase_quality_32"]
PANEL = "image-rendering:crisp-edges"


def read(project, name):
    path = project.results / "tables" / f"{name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_figures_are_there(tested):
    steps = CONFIG["synthesis"]["steps"]
    text = (tested.results / "figures" / "figure2_simulated-magnitude.svg").read_text()
    # The result, and every step but the last one, which refines it.
    assert text.count(PANEL) == 4 * steps
    text = (tested.results / "figures" / "figure3_simulated-magnitude.svg").read_text()
    assert text.count(PANEL) % 7 == 0 and PANEL in text


@pytest.mark.parametrize("name", WRITTEN)
def test_every_table_is_there_for_people_and_for_papers(tested, name):
    assert "| --- |" in (tested.results / "tables" / f"{name}.md").read_text()
    latex = (tested.results / "tables" / f"{name}.tex").read_text()
    assert latex.count(r"\begin{tabular}") == latex.count(r"\bottomrule") > 0


def test_everything_of_the_paper_comes_of_one_target(tested):
    assert plan(tested, "paper")[0] == {}
    for number in ("1", "2", "3", "A1", "A2", "A3"):
        found = list((tested.results / "tables").glob(f"table{number}[_.]*"))
        assert {".csv", ".md", ".tex"} <= {path.suffix for path in found}, number
    for number in (2, 3, 4, 5, 6):
        assert list((tested.results / "figures").glob(f"figure{number}_*.svg")), number


@pytest.mark.parametrize(
    "name", [*(f"table{number}_simulated-test" for number in (1, 2, 3)), *WRITTEN]
)
def test_tables_of_the_demo_say_that_they_are_no_evidence(tested, name):
    banner = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())["banner"]
    text = (tested.results / "tables" / f"{name}.md").read_text()
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert headings and all(line.endswith(f"({banner})") for line in headings)
    latex = (tested.results / "tables" / f"{name}.tex").read_text()
    assert latex.count(f"({banner})") == len(headings)


@pytest.mark.parametrize("name", ["small", "paper", "weights"])
def test_what_is_evidence_has_no_banner(name):
    config = yaml.safe_load((REPOSITORY / "config" / f"{name}.yaml").read_text())
    assert config["banner"] == ""


def test_table_a1_counts_every_cohort_that_is_used(tested):
    table = read(tested, "tableA1")
    used = table[table["cohort"] != ""]
    cohorts = pd.read_csv(tested.cohorts, sep="\t", comment="#")
    assert set(used["cohort"]) == set(cohorts["name"])
    for row in used.to_dict("records"):
        counted = json.loads((tested.results / "cohorts" / row["cohort"] / "plan.json").read_text())
        assert row["slices"] == str(counted["slices"])
        assert row["subjects"] == str(counted["subjects"])
    assert set(used["source"]) == {"simulated"}
    assert (table["paper_slices"] != "").sum() == len(table) - 1, "all but that of phase quality"


def test_table_a2_has_every_arm_as_it_was_chosen(tested):
    table = read(tested, "tableA2")
    arms = [arm for arm, own in CONFIG["skull_strip"]["arms"].items() if own is not None]
    rates = table[table["hyperparameter"] == "Learning Rate"].set_index("arm")
    assert list(rates.index) == arms
    for arm in arms:
        stated = CONFIG["skull_strip"]["arms"][arm].get("learning_rate")
        assert rates.loc[arm, "chosen"] == str(stated is None)
        path = tested.results / "skull_strip" / arm / "chosen.json"
        used = stated or json.loads(path.read_text())["changes"]["learning_rate"]
        assert float(rates.loc[arm, "value"]) == used
    assert rates.loc["phasegen", "paper"] == "1e-4" and rates.loc["turned", "paper"] == ""
    domains = table[table["hyperparameter"] == "Domain of convolutions"].set_index("arm")["value"]
    assert domains["turned"] == "image" and domains["none"] == "k-space"


def test_table_a3_has_every_network_that_is_trained(tested):
    table = read(tested, "tableA3")
    assert set(zip(table["model"], table["factor"], strict=True)) == {("small", "4")}
    rates = table[table["hyperparameter"] == "Learning Rate"].set_index("arm")
    assert rates.loc["phasegen", "value"] == "0.01" and rates.loc["phasegen", "chosen"] == "False"
    weights = tested.results / "reconstruction" / "small" / "4" / "original" / "1"
    used = load(weights / "model.safetensors").network.settings.training.learning_rate
    assert float(rates.loc["original", "value"]) == used
    assert rates.loc["original", "chosen"] == "True"
    assert rates.loc["phasegen", "paper"] == "4.4e-4" and rates.loc["original", "paper"] == ""


def test_a_second_run_does_nothing(tested):
    assert plan(tested, *TARGETS, "phase_quality")[0] == {}


def test_figures_need_no_training_of_a_task(finished):
    jobs, _ = plan(finished, "figure2", "figure3")
    assert jobs["figure_two"] == jobs["figure_three"] == 1
    assert not [rule for rule in jobs if rule.startswith(("train", "search"))]


def test_a_new_sampler_draws_figure_two_anew(tested):
    config = tested.config(synthesis={"sampler": "heun"})
    jobs, _ = plan(tested, "figure2", config=config)
    assert jobs == {"figure_two": 1, "figure2": 1}


def test_without_true_phase_figure_two_is_planned_and_figure_three_told(project):
    changes = {}
    for task in ("skull_strip", "reconstruction"):
        arms = CONFIG[task]["arms"] | {"original": None}
        changes[task] = {"original": "", "arms": arms}
    changes["reconstruction"] |= {"mixes": {"shares": []}}
    config = project.config(**changes)
    jobs, _ = plan(project, "figure2", config=config)
    assert jobs["figure_two"] == 1
    done = project.run("--dry-run", "figure3", config=config)
    assert done.returncode != 0
    assert "Figure 3 needs a cohort with the true phase" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("name", "targets"),
    [("small", TARGETS), ("paper", TARGETS)],
)
def test_the_other_sizes_plan_them(project, name, targets):
    shutil.copytree(REPOSITORY / "config", project.folder / "config")
    (project.folder / "resources").symlink_to(REPOSITORY / "resources")
    table = (project.folder / "config" / f"{name}.tsv").read_text()
    rows = [line for line in table.splitlines() if not line.startswith("#")]
    jobs, _ = plan(project, *targets, config=project.folder / "config" / f"{name}.yaml")
    assert {f"table_a_{number}" for number in ("one", "two", "three")} <= set(jobs)
    magnitudes = [row for row in rows if row.split("\t")[1] == "magnitude"]
    assert jobs["figure_two"] == len(magnitudes) > 0 and jobs["figure_three"] == 1
