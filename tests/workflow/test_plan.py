"""Jobs, GPU hours and disk of a run before any of its files are there."""

import re
import shutil
import subprocess
import sys

import pytest
import yaml

from phasegen.paths import Grid

from .conftest import REPOSITORY, TINY, environment

PAPER = yaml.safe_load((REPOSITORY / "config" / "paper.yaml").read_text())
TABLES = ("table1", "table2", "table3")


def planned(folder, *arguments):
    command = [sys.executable, str(REPOSITORY / "workflow" / "plan.py"), *arguments]
    command[2:2] = ["--snakefile", str(REPOSITORY / "Snakefile")]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=300
    )


def rows(text):
    """Jobs, GPU hours and GiB by rule."""
    pattern = r"^ *(\w+|in all) +(\d+) +(-|[\d.,]+) +(-|[\d.,]+)$"
    found = re.findall(pattern, text, re.MULTILINE)
    return {rule: (int(jobs), hours, disk) for rule, jobs, hours, disk in found}


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    shutil.copytree(REPOSITORY / "config", folder / "config")
    (folder / "resources").symlink_to(REPOSITORY / "resources")
    done = planned(folder, "--configfile", "config/paper.yaml", "--", *TABLES)
    assert done.returncode == 0, done.stderr
    return rows(done.stdout)


def test_every_training_of_the_paper_is_planned(paper):
    task = PAPER["reconstruction"]
    cells = len(task["models"]) * len(task["undersampling"]["factors"])
    assert paper["train_reconstruction"][0] == cells * len(task["arms"]) * task["seeds"] == 48
    mixes, below = task["mixes"], [share for share in task["mixes"]["shares"] if share < 100]
    count = len(mixes["models"]) * len(below) * len(mixes["modes"]) * task["seeds"]
    assert paper["train_mix"][0] == paper["evaluate_mix"][0] == count == 108
    assert paper["train_skull_strip"][0] == 9 and paper["train_phase"][0] == 1


def test_every_shard_is_planned(paper):
    shards = {
        name: Grid(count, PAPER["ingest"]["slices_per_shard"]).shards
        for name, count in PAPER["planned"].items()
    }
    arrays = {"cc359": 2}
    assert paper["ingest"][0] == sum(n * arrays.get(name, 1) for name, n in shards.items())
    converted = shards["cc359"] + shards["fastmri-knee"]
    assert paper["synthesize"][0] == len(PAPER["synthesis"]["sources"]) * converted
    assert paper["scan"][0] == len(shards)


def test_the_sum_is_that_of_all_rules(paper):
    assert paper["in all"][0] == sum(jobs for rule, (jobs, *_) in paper.items() if rule != "in all")


def test_the_published_training_of_the_phase_model_takes_about_ten_hours(paper):
    assert 8 < float(paper["train_phase"][1]) < 10.5


def test_plans_nothing_more_than_snakemake(paper, tmp_path):
    """The same dry run, as Snakemake itself counts it."""
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    (tmp_path / "resources").symlink_to(REPOSITORY / "resources")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    command += ["--dry-run", "--quiet", "rules", "--configfile", "config/paper.yaml", "--", *TABLES]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    total = re.search(r"^total +(\d+)$", done.stdout + done.stderr, re.MULTILINE)
    assert int(total[1]) == paper["in all"][0]


def test_a_cohort_that_nobody_counted_is_named(project):
    done = planned(project.folder, "--configfile", str(TINY))
    assert done.returncode == 1
    assert "planned: {simulated-" in done.stderr
    assert len([line for line in done.stderr.splitlines() if "error" in line]) == 1
    assert "Traceback" not in done.stderr


def test_what_was_scanned_is_counted_not_said(finished, tmp_path):
    """Nothing is left to do, whatever the configuration says of the number of slices."""
    project = finished.copy(tmp_path / "copy")
    config = project.config(planned={"simulated-magnitude": 100_000})
    done = planned(project.folder, "--configfile", str(config))
    assert done.returncode == 0, done.stderr
    assert rows(done.stdout) == {"in all": (0, "-", "-")}


def test_a_faulty_configuration_is_one_line(project):
    config = project.config(sede=1)
    done = planned(project.folder, "--configfile", str(config))
    assert done.returncode == 1
    assert "unknown key 'sede'" in done.stderr and "Traceback" not in done.stderr
