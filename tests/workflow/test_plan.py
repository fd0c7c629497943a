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


@pytest.fixture(scope="module")
def dry_run(tmp_path_factory):
    """The same dry run, as Snakemake itself tells it, of jobs that are tried the second time."""
    folder = tmp_path_factory.mktemp("dry_run")
    shutil.copytree(REPOSITORY / "config", folder / "config")
    (folder / "resources").symlink_to(REPOSITORY / "resources")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    command += ["--dry-run", "--attempt", "2", "--configfile", "config/paper.yaml", "--", *TABLES]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True)
    return done.stdout + done.stderr


def test_plans_nothing_more_than_snakemake(paper, dry_run):
    total = re.search(r"^total +(\d+)$", dry_run, re.MULTILINE)
    assert int(total[1]) == paper["in all"][0]


def resources(dry_run):
    """Rule, all of the text, and resources of each job."""
    for rule, text in re.findall(r"^(?:rule|checkpoint) (\w+):\n((?: {4}.*\n)+)", dry_run, re.M):
        found = re.search(r"resources: (.*)", text)
        yield rule, text, dict(re.findall(r"(\w+)=(\w+)", found[1] if found else ""))


def test_what_computes_on_a_gpu_says_so(paper, dry_run):
    """Rules that the plan has GPU hours for; shards only of the phase model."""
    hours = {rule for rule, (_, hours, _) in paper.items() if hours not in ("-", "0.0")}
    with_gpu = set()
    for rule, text, needs in resources(dry_run):
        gpu = int(needs.get("gpu", 0))
        if rule == "synthesize":
            assert gpu == ("source=phasegen" in text)
        with_gpu |= {rule} if gpu else set()
    assert hours - {"in all"} <= with_gpu
    assert with_gpu <= {*hours, "evaluate_reconstruction", "reconstruct_cohort", "figure_two"}


def test_memory_and_time_are_doubled_the_second_time(dry_run):
    first = {}
    for file in sorted((REPOSITORY / "workflow" / "rules").glob("*.smk")):
        for rule, body in re.findall(
            r"^(?:rule|checkpoint) (\w+):\n((?: {4}.*\n|\n)+)", file.read_text(), re.M
        ):
            first[rule] = re.search(
                r'growing\((\d+)\),\n +runtime=growing\("(\d+)([mh])"', body
            ).groups()
    compared = 0
    for rule, _, needs in resources(dry_run):
        if rule in first and needs:
            memory, amount, unit = first[rule]
            minutes = int(amount) * {"m": 1, "h": 60}[unit]
            assert (int(needs["mem_mb"]), int(needs["runtime"])) == (
                2 * int(memory),
                2 * minutes,
            ), rule
            compared += 1
    assert compared > 1000


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
