"""The record of a finished run, and what a run's own files say of a number."""

import json
import re

import pandas as pd
import pytest
import yaml

from ..record.test_crate import validate
from .conftest import TINY
from .test_dag import RULE_FILES, RULES, plan

NO_TASKS = {
    name: yaml.safe_load(TINY.read_text())[name] for name in ("skull_strip", "reconstruction")
}
NO_TASKS = {name: section | {"test": []} for name, section in NO_TASKS.items()}


@pytest.fixture(scope="module")
def recorded(finished, make_project, tmp_path_factory):
    project = finished.copy(tmp_path_factory.mktemp("recorded"))
    lines = project.cohorts.read_text().splitlines(keepends=True)
    kept = [line for line in lines if line.split("\t")[1:2] not in (["test"], ["original"])]
    project.cohorts.write_text("".join(kept))
    done = project.run("record", config=project.config(**NO_TASKS))
    assert done.returncode == 0, done.stdout[-3000:]
    return project


def test_the_record_of_a_run_is_a_valid_crate(recorded):
    done = validate(recorded.results / "run_record")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_it_lists_every_table_and_every_simulated_file(recorded):
    text = (recorded.results / "run_record" / "ro-crate-metadata.json").read_text()
    found = json.loads(text)["@graph"]
    names = {entity.get("name") for entity in found}
    for table in (recorded.results / "tables").iterdir():
        assert table.name in names
    manifests = recorded.results.glob("cohorts/*/manifest.parquet")
    files = {file for path in manifests for file in pd.read_parquet(path)["file"]}
    assert files and files <= names
    assert {e["license"] for e in found if e.get("name") in files} == {
        "https://spdx.org/licenses/MIT"
    }
    assert recorded.folder.as_posix() not in text, "nothing of this machine's folders"


def test_rules_that_compute_are_timed(recorded):
    table = pd.read_csv(recorded.results / "tables" / "benchmarks.csv").set_index("rule")
    assert {"simulate", "ingest", "train_phase", "synthesize", "seal_kspace"} <= set(table.index)
    assert table.loc["synthesize", "jobs"] == 8
    assert (table["seconds_total"] > 0).all()
    counted = ["scan", "ingest", "seal_cohort", "synthesize", "seal_kspace"]
    assert (table.loc[counted, "slices_per_second"] > 0).all()


def test_a_second_record_is_not_made(recorded):
    assert plan(recorded, "record", config=recorded.config(**NO_TASKS))[0] == {}


def test_the_whole_record_waits_for_every_table(project):
    jobs, _ = plan(project, "record")
    assert {"run_record", "benchmarks_table", "skull_strip_table", "skull_strip_sweep"} <= set(jobs)
    assert {"table_two", "table_three", "phase_quality_table"} <= set(jobs)


def test_benchmark_files_lie_under_the_name_of_their_rule():
    """The table of benchmarks takes it from there; what has threads or may take long is timed."""
    texts = [file.read_text() for file in RULE_FILES]
    rules = [found for text in texts for found in RULES.findall(text)]
    for name, body in rules:
        assert ("    benchmark:" in body) == (f'f"{{BENCHMARKS}}/{name}/' in body), name
        is_quick = re.search(r'runtime=(growing\()?"10m"', body) and "    threads:" not in body
        assert "    benchmark:" in body or is_quick or name == "run_record", name
    assert sum("    benchmark:" in body for _, body in rules) >= 29
