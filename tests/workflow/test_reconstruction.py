"""Tables II and III and their figures, end to end on the tiny cohort."""

import json
import shutil

import pandas as pd
import pytest
import yaml

from phasegen.data.held_out import people, seen_by
from phasegen.data.paper_split import LEAKY
from phasegen.steps.mixed_split import read_split
from phasegen.store.reading import read_index
from phasegen.tasks.reconstruction_weights import load

from .conftest import HEADER, REPOSITORY, TINY
from .test_dag import plan

TASK = yaml.safe_load(TINY.read_text())["reconstruction"]
ARMS = [arm for arm, own in TASK["arms"].items() if own is not None]
MODES = ("mixed", "only", "tuned")
TABLES = ("table2", "table3")


def weights_of(project):
    return sorted((project.results / "reconstruction").rglob("model.safetensors"))


def read(project, name):
    return pd.read_csv(project.results / "tables" / name).fillna({"model": "", "note": ""})


def test_table_two_has_arms_floors_and_what_was_not_run(tested):
    table = read(tested, "table2_simulated-test.csv")
    small = table[(table["model"] == "small") & (table["factor"] == 4)]
    assert set(small["source"]) == set(ARMS)
    floors = table[table["model"] == ""]
    assert set(floors["source"]) == {"zerofilling", "compressed_sensing"}
    assert set(floors["factor"]) == {4, 8}
    absent = table[table["model"] == "large"]
    assert (
        set(absent["note"]) == {"not run at this size"} and absent["psnr_slice_mean"].isna().all()
    )
    here = pd.concat([small, floors])
    assert here[["psnr_slice_mean", "ssim_percent_slice_mean"]].notna().all(axis=None)


def test_table_three_has_every_share_in_every_mode(tested):
    table = read(tested, "table3_simulated-test.csv")
    trained = table[(table["note"] == "") & (table["share"] < 100)]
    assert set(zip(trained["source"], trained["share"], strict=True)) == {
        (mode, share) for mode in MODES for share in (1, 50)
    }


def test_the_tables_were_checked(tested):
    for name in TABLES:
        found = json.loads(
            (tested.results / "verified" / f"{name}_simulated-test.json").read_text()
        )
        table = read(tested, f"{name}_simulated-test.csv")
        assert found["rows"] == found["passed"]["cells"] == len(table)
        # What was not run has no seeds, but a note and blank cells.
        run = (table["note"] == "").sum()
        assert found["passed"]["seeds"] == 2 * run
        assert found["passed"]["notes"] == 2 * len(table) - run


def test_all_tables_are_checked_by_one_target(tested):
    folder = tested.results / "verified"
    assert {path.name for path in folder.iterdir()} == {
        f"table{number}_simulated-test.json" for number in (1, 2, 3)
    }
    assert plan(tested, "verify_results")[0] == {}


def test_figures_and_sheets_are_there(tested):
    for name in ("figure5_simulated-test.svg", "figure6_simulated-test.svg"):
        assert "<svg" in (tested.results / "figures" / name).read_text()
    assert (tested.results / "figures" / "reconstruction_simulated-test.png").stat().st_size > 1000
    for name in TABLES:
        text = (tested.results / "tables" / f"{name}_simulated-test.md").read_text()
        assert "not run at this size" in text


def test_no_one_that_is_tested_on_was_seen_anywhere_in_the_chain(tested):
    """Neither by a network, nor by the choice of its settings, nor by the phase model."""
    index = read_index(tested.results / "cohorts" / "simulated-test" / "images.zarr")
    found = weights_of(tested)
    assert len(found) == len(ARMS) + 2 + 2 * len(MODES)
    for weights in found:
        assert not seen_by(load(weights).facts) & people(index)
    phase = load(next(path for path in found if "mixed" in path.parts)).facts
    assert phase["phase_model_subjects"]


def test_all_trainings_have_the_same_subjects(tested):
    facts = [load(path).facts for path in weights_of(tested)]
    for key in ("train_subjects", "validation_subjects"):
        assert len({json.dumps(one[key]) for one in facts}) == 1


def test_shares_are_nested_and_tell_what_they_came_to(tested):
    folder = tested.results / "reconstruction" / "splits" / "1"
    small, large = (read_split(folder / f"{share}.parquet") for share in (1, 50))
    originals = [set(split.loc[split["source"] == "original", "row"]) for split in (small, large)]
    assert originals[0] <= originals[1]
    assert set(small["label"]) == {"under 2 slices"} and len(originals[0]) == 1


def test_only_the_arm_that_does_not_say_it_is_searched_for(tested):
    folder = tested.results / "reconstruction" / "small" / "4"
    assert [path.parent.name for path in folder.glob("*/chosen.json")] == ["original"]
    chosen = json.loads((folder / "original" / "chosen.json").read_text())
    for place in ("original/1", "mixes/only/50/1"):
        used = load(folder / place / "model.safetensors").network.settings.training
        assert used.learning_rate == chosen["changes"]["learning_rate"]


def test_a_second_run_does_nothing(tested):
    assert plan(tested, *TABLES)[0] == {}


def test_another_share_trains_only_itself(tested):
    config = tested.config(reconstruction=TASK | {"mixes": {"shares": [1, 20, 50, 100]}})
    jobs, _ = plan(tested, *TABLES, config=config)
    assert jobs["train_mix"] == jobs["evaluate_mix"] == len(MODES) and jobs["mixed_split"] == 1
    assert "train_reconstruction" not in jobs


@pytest.mark.long
def test_the_split_of_the_paper_is_told_in_the_tables(tested, tmp_path):
    project = tested.copy(tmp_path / "paper")
    own = {"split": "paper", "mixes": {"shares": []}, "compressed_sensing": {"weights": []}}
    done = project.run("table2", config=project.config(reconstruction=TASK | own))
    assert done.returncode == 0, done.stdout[-3000:]
    table = read(project, "table2_simulated-original.csv")
    assert set(table["cohort"].dropna()) == {f"simulated-original ({LEAKY})"}
    assert LEAKY in (project.results / "tables" / "table2_simulated-original.md").read_text()


def test_a_cohort_that_is_not_there_is_told_before_anything_runs(project):
    row = "mine\tmagnitude\tnifti\tmine/*.nii.gz\t\t\t\n"
    project.cohorts.write_text(HEADER + row)
    done = project.run("--dry-run", "table2")
    assert done.returncode != 0
    assert "reconstruction.cohort is 'simulated-magnitude', and the cohort table" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_evidence_run_plans_every_training(project):
    shutil.copytree(REPOSITORY / "config", project.folder / "config")
    (project.folder / "resources").symlink_to(REPOSITORY / "resources")
    jobs, _ = plan(project, *TABLES, config=project.folder / "config" / "small.yaml")
    # Four arms at two factors, and two of the large network; six shares below 100 % in three modes.
    assert jobs["train_reconstruction"] == jobs["evaluate_reconstruction"] == 4 * 2 * 3 + 2
    assert jobs["train_mix"] == jobs["evaluate_mix"] == 6 * 3 * 3
    assert jobs["mixed_split"] == 6 * 3
