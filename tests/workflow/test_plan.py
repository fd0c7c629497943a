"""Jobs, GPU hours and disk of a run before any of its files are there."""

import json
import math
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from phasegen.paths import Grid

from .conftest import REPOSITORY, TINY, environment
from .test_dag import RULES

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
    per_job = PAPER["ingest"]["shards_per_job"]
    jobs = {name: math.ceil(count / per_job) for name, count in shards.items()}
    assert paper["ingest"][0] == sum(n * arrays.get(name, 1) for name, n in jobs.items())
    drawn, plain = (sum(n[name] for name in ("cc359", "fastmri-knee")) for n in (shards, jobs))
    assert paper["synthesize"][0] == drawn + plain * (len(PAPER["synthesis"]["sources"]) - 1)
    assert paper["scan"][0] == len(shards)


def test_the_sum_is_that_of_all_rules(paper):
    assert paper["in all"][0] == sum(jobs for rule, (jobs, *_) in paper.items() if rule != "in all")


def test_the_published_training_of_the_phase_model_takes_about_ten_hours(paper):
    assert 8 < float(paper["train_phase"][1]) < 10.5


# Rule, wildcards and numbers of every job of a dry run, a line each.
JOBS = """
import json, logging, sys
from snakemake import cli, logging as snakemake_logging

class Jobs(logging.Filter):
    def filter(self, record):
        event = getattr(record, "event", None)
        if event == snakemake_logging.LogEvent.JOB_INFO:
            needs = {name: n for name, n in record.resources.items() if isinstance(n, int)}
            print(json.dumps([record.rule_name, dict(record.wildcards), needs]))
        # What Snakemake counts itself is told as it is.
        return event == snakemake_logging.LogEvent.RUN_INFO

snakemake_logging.logger.addFilter(Jobs())
cli.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def dry_run(tmp_path_factory):
    """Jobs of the same dry run, as Snakemake itself tells them, when they are tried the second time."""
    folder = tmp_path_factory.mktemp("dry_run")
    shutil.copytree(REPOSITORY / "config", folder / "config")
    (folder / "resources").symlink_to(REPOSITORY / "resources")
    words = ["--snakefile", str(REPOSITORY / "Snakefile"), "--dry-run", "--attempt", "2"]
    words += ["--configfile", "config/paper.yaml", "--", *TABLES]
    command = [sys.executable, "-c", JOBS, *words]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True)


@pytest.fixture(scope="module")
def jobs(dry_run):
    return [json.loads(line) for line in dry_run.stdout.splitlines() if line.startswith("[")]


@pytest.mark.long
def test_plans_nothing_more_than_snakemake(paper, dry_run):
    total = re.search(r"^total +(\d+)$", dry_run.stdout + dry_run.stderr, re.MULTILINE)
    assert int(total[1]) == paper["in all"][0]


@pytest.mark.long
def test_what_computes_on_a_gpu_says_so(paper, jobs):
    """Rules that the plan has GPU hours for; shards only of the phase model."""
    hours = {rule for rule, (_, hours, _) in paper.items() if hours not in ("-", "0.0")}
    with_gpu = {rule for rule, _, needs in jobs if needs.get("gpu")}
    assert hours - {"in all"} <= with_gpu
    assert with_gpu <= {*hours, "evaluate_reconstruction", "reconstruct_cohort", "figure_two"}
    for rule, wildcards, needs in jobs:
        if rule == "synthesize":
            assert needs["gpu"] == (wildcards["source"] == "phasegen")


@pytest.mark.long
def test_memory_and_time_are_doubled_the_second_time(jobs):
    compared = set()
    first = said_by_rules()
    for rule, _, needs in jobs:
        if rule in first:
            assert (needs["mem_mb"], needs["runtime"]) == tuple(2 * n for n in first[rule]), rule
            compared.add(rule)
    assert {"ingest", "train_phase", "synthesize", "train_mix", "table_two"} <= compared


def said_by_rules():
    """Memory [MB] and time [minute] of the first try, as they stand in the rule files."""
    asked = re.compile(r'mem_mb=growing\((\d+)\),\n +runtime=growing\("(\d+)([mh])"\)')
    found = {}
    for file in sorted((REPOSITORY / "workflow" / "rules").glob("*.smk")):
        for rule, body in RULES.findall(file.read_text()):
            memory, amount, unit = asked.search(body).groups()
            found[rule] = int(memory), int(amount) * {"m": 1, "h": 60}[unit]
    return found


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
