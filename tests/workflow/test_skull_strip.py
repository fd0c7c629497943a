"""Table I and Figure 4, end to end on the tiny cohort."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from phasegen.data.held_out import people, seen_by
from phasegen.diffusion import weights as phase_weights
from phasegen.store.reading import read_index
from phasegen.tasks.skull_strip_weights import load

from .conftest import HEADER, REPOSITORY, TINY
from .test_dag import plan

TASK = yaml.safe_load(TINY.read_text())["skull_strip"]
ARMS = [arm for arm, own in TASK["arms"].items() if own is not None]
SEARCHED = [arm for arm in ARMS if "learning_rate" not in TASK["arms"][arm]]


def model_of(project, arm):
    return project.results / "skull_strip" / arm / "1" / "model.safetensors"


def test_the_table_has_every_arm_for_both_truths(tested):
    table = pd.read_csv(tested.results / "tables" / "table1_simulated-test.csv")
    assert set(table["truth"]) <= {"staple", "mask"} and "mask" in set(table["truth"])
    for _, part in table.groupby("truth"):
        assert set(part["source"]) == set(ARMS)
    assert (table[table["truth"] == "mask"]["subjects"] == 4).all()
    paper = table[table["source"] == "phasegen"]["dsc_percent_paper_mean"]
    assert (paper == 80.1).all()


def test_figures_sheets_and_tables_are_there(tested):
    for name in ("figure4_simulated-test.svg", "skull_strip_sweep_simulated-test.svg"):
        assert "<svg" in (tested.results / "figures" / name).read_text()
    for name in ("skull_strip_cases_simulated-test.png", "brain_masks_simulated-test.png"):
        assert (tested.results / "figures" / name).stat().st_size > 1000
    for name in ("table1_simulated-test.md", "skull_strip_sweep_simulated-test_comparisons.csv"):
        assert (tested.results / "tables" / name).stat().st_size > 100
    raters = pd.read_csv(tested.results / "raters" / "simulated-test" / "consensus" / "raters.csv")
    assert set(raters["rater"]) == {"threshold", "watershed_2d", "staple"}


@pytest.mark.parametrize("arm", ARMS)
def test_no_one_that_is_tested_on_was_seen_anywhere_in_the_chain(tested, arm):
    """Neither by the network, nor by the choice of its settings, nor by the phase model."""
    index = read_index(tested.results / "cohorts" / "simulated-test" / "images.zarr")
    assert people(index) and set(index["patient"]) - {""}
    seen = seen_by(load(model_of(tested, arm)).facts)
    for candidate in (tested.results / "skull_strip" / arm / "search").rglob("*.safetensors"):
        seen |= seen_by(load(candidate).facts)
    for model in (tested.results / "phase_models").rglob("*.safetensors"):
        known = seen_by(phase_weights.load(model)[1])
        assert known and (arm != "phasegen" or known <= seen)
        seen |= known
    assert not people(index) & seen


def test_arms_differ_by_their_phase_alone(tested):
    found = {arm: load(model_of(tested, arm)) for arm in ARMS}
    for key in ("train_subjects", "validation_subjects", "seed", "number"):
        assert len({json.dumps(model.facts[key]) for model in found.values()}) == 1
    shapes = {arm: model.network.settings.network for arm, model in found.items()}
    assert shapes["none"] == shapes["original"] and shapes["phasegen"].dropout == 0.1
    assert shapes["turned"].domain == "image"


def test_the_best_candidate_is_used(tested):
    assert SEARCHED
    for arm in SEARCHED:
        folder = tested.results / "skull_strip" / arm
        chosen = json.loads((folder / "chosen.json").read_text())
        scores = {c["changes"]["learning_rate"]: c["validation_dice"] for c in chosen["candidates"]}
        assert sorted(scores) == TASK["search"]["learning_rate"]
        used = load(model_of(tested, arm)).network.settings.training.learning_rate
        assert used == max(scores, key=scores.get) == chosen["changes"]["learning_rate"]
        # It is the first training too, which is not trained twice.
        (searched,) = folder.glob(f"search/learning_rate~{used}/history.csv")
        assert (folder / "1" / "history.csv").read_text() == searched.read_text()
        log = tested.results / "logs" / "train_skull_strip" / arm / "1.log"
        assert "going on after epoch" in log.read_text()


def test_predictions_are_what_the_table_measured(tested):
    folder = tested.results / "skull_strip" / "none" / "1"
    masks = np.load(folder / "simulated-test.npz")["mask"]
    rows = pd.read_parquet(folder / "simulated-test.parquet")
    rows = rows[(rows["knob"] == "") & (rows["truth"] == "mask")]
    assert rows["predicted_pixels"].tolist() == masks.sum(axis=(1, 2)).tolist()


def test_the_table_was_checked(tested):
    found = json.loads((tested.results / "verified" / "table1_simulated-test.json").read_text())
    table = pd.read_csv(tested.results / "tables" / "table1_simulated-test.csv")
    assert found["rows"] == found["passed"]["cells"] == len(table)
    assert found["passed"]["seeds"] == 2 * len(table)


def test_a_faulty_table_stops_the_run_with_one_line(tested, tmp_path):
    project = tested.copy(tmp_path)
    file = project.results / "tables" / "table1_simulated-test.csv"
    table = pd.read_csv(file)
    table.loc[1, "dsc_percent_slice_mean"] = 117.0
    table.to_csv(file, index=False)
    refused = project.run("table1")
    assert refused.returncode == 1
    told = {line for line in refused.stdout.splitlines() if line.startswith("error: ")}
    row = f"truth {table['truth'][1]}, source {table['source'][1]}"
    assert told == {
        f"error: results/tables/table1_simulated-test.csv, row {row}, column "
        "'dsc_percent_slice_mean': is 117.0, a finite number, 0 to 100, is due"
    }
    assert "Traceback" not in refused.stdout
    assert not (project.results / "verified" / "table1_simulated-test.json").exists()


def test_a_second_run_does_nothing(tested):
    assert plan(tested, "table1")[0] == {}


def test_a_new_level_of_the_sweep_trains_nothing(tested):
    config = tested.config(skull_strip=TASK | {"sweep": {"echo_shift": [4, 8]}})
    jobs, _ = plan(tested, "table1", config=config)
    assert jobs["evaluate_skull_strip"] == len(ARMS)
    assert not {"train_skull_strip", "search_skull_strip", "rate_volumes"} & set(jobs)


def test_another_arm_trains_only_itself(tested):
    config = tested.config(skull_strip=TASK | {"arms": TASK["arms"] | {"naive": {}}})
    jobs, log = plan(tested, "table1", config=config)
    assert jobs["search_skull_strip"] == 2 and jobs["train_skull_strip"] == 1
    assert set(re.findall(r"train skull-stripping on (\w+)", log)) == {"naive"}


def test_an_arm_that_states_what_is_searched_for_keeps_it(tested):
    own = {"phase": "none", "learning_rate": 5e-3}
    config = tested.config(skull_strip=TASK | {"arms": TASK["arms"] | {"stated": own}})
    jobs, _ = plan(tested, "table1", config=config)
    assert jobs["train_skull_strip"] == 1 and "search_skull_strip" not in jobs


def test_the_plain_run_does_not_train_for_it(finished):
    assert not (finished.results / "skull_strip").exists()


def test_a_cohort_that_is_not_there_is_told_before_anything_runs(project):
    row = "mine\tmagnitude\tnifti\tmine/*.nii.gz\t\t\t\n"
    project.cohorts.write_text(HEADER + row)
    done = project.run("--dry-run", "table1")
    assert done.returncode != 0
    assert "skull_strip.cohort is 'simulated-magnitude', and the cohort table" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("name", ["small", "paper"])
def test_the_other_sizes_plan_every_training(project, name):
    shutil.copytree(REPOSITORY / "config", project.folder / "config")
    (project.folder / "resources").symlink_to(REPOSITORY / "resources")
    config = project.folder / "config" / f"{name}.yaml"
    task = yaml.safe_load(config.read_text())["skull_strip"]
    arms = [arm for arm, own in task["arms"].items() if own is not None]
    jobs, _ = plan(project, "table1", config=config)
    assert jobs["train_skull_strip"] == jobs["evaluate_skull_strip"] == task["seeds"] * len(arms)
    rates = task.get("search", {}).get("learning_rate", [])
    searched = [arm for arm in arms if "learning_rate" not in task["arms"][arm]]
    assert jobs.get("search_skull_strip", 0) == len(rates) * len(searched)
    assert jobs["rate_volumes"] == len(task["raters"])


def test_networks_of_small_are_tested_on_real_raw_data_by_an_overlay(project):
    shutil.copytree(REPOSITORY / "config", project.folder / "config")
    (project.folder / "resources").symlink_to(REPOSITORY / "resources")
    for name in ("P3_GRE", "P4_FSE"):
        file = project.folder / "data" / "ulf" / f"{name}.h5"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    files = [project.folder / "config" / f"{name}.yaml" for name in ("small", "ulf")]
    done = project.run("--dry-run", "table1", config=files)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "on ulf" in done.stdout and "on simulated-test" not in done.stdout
