"""The record of a run lists all that lies in its results, and is whole or as it was."""

import json
import shutil

import pytest

from phasegen.errors import UserError
from phasegen.provenance import file_digest
from phasegen.record.crate import content_uri
from phasegen.settings import Settings
from phasegen.steps import run_record as steps
from phasegen.steps.benchmarks import benchmarks

from ..record.conftest import STORES, TABLES, run, weights_of, whole_run
from ..record.test_benchmarks import job

__all__ = ["run", "whole_run"]

CONFIG = Settings(seed=11).model_dump(mode="json")


def record(run, weights=()):
    out = run / "results" / "run_record" / "ro-crate-metadata.json"
    steps.run_record(CONFIG, weights, "results/benchmarks", out)
    graph = json.loads(out.read_text())["@graph"]
    return {entity["@id"]: entity for entity in graph}


def test_every_table_is_listed(run):
    found = record(run)
    for path in TABLES.iterdir():
        if path.suffix != ".svg":
            entity = found[f"tables/{path.name}"]
            assert entity["sha256"] == file_digest(path)
            assert (run / "results" / "run_record" / entity["@id"]).is_file()
    assert json.loads((run / "results" / "run_record" / "config.json").read_text()) == CONFIG


def test_stores_weights_and_raw_files_are_named_by_their_content(run):
    given = run / "given.safetensors"
    given.write_bytes(b"given")
    found = record(run, [given])
    made = {part["@id"] for part in found["#run"]["result"]}
    read = {part["@id"] for part in found["#run"]["object"]}
    for path in (weights_of("naive", 0), STORES / "images.zarr" / "zarr.json"):
        assert content_uri(file_digest(path)) in made
    for path in (given, STORES / "v0.h5", STORES / "v1_T1w_mask.nii"):
        assert content_uri(file_digest(path)) in read


def test_results_of_other_runs_and_states_are_no_part_of_it(run):
    other = run / "results" / "small" / "skull_strip" / "model.safetensors"
    state = run / "results" / "skull_strip" / "checkpoints" / "1" / "model.safetensors"
    for number, path in enumerate((other, state)):
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes([number]))
    found = record(run)
    assert not {content_uri(file_digest(path)) for path in (other, state)} & set(found)


def test_seed_code_machine_and_durations_are_told(run):
    job(run / "results" / "benchmarks" / "ingest" / "heads" / "0.tsv", 3)
    benchmarks("results/benchmarks", {}, TABLES / "benchmarks.csv")
    found = record(run)
    values = {
        found[part["@id"]]["name"]: found[part["@id"]]["value"]
        for part in found["#run"]["additionalProperty"]
    }
    assert values["seed"] == 11 and values["cores"] and values["code of ingest"]
    assert json.loads(values["jobs of ingest"]) == {
        "jobs": 1,
        "peak_memory_mib": 100.5,
        "seconds_max": 3.0,
        "seconds_median": 3.0,
        "seconds_total": 3.0,
    }
    assert found["#run"]["startTime"] < found["#run"]["endTime"]


def test_a_new_record_has_nothing_of_the_old(run):
    record(run)
    (TABLES / "table1_heads.md").unlink()
    assert "tables/table1_heads.md" not in record(run)
    folder = run / "results" / "run_record"
    assert not (folder / "tables" / "table1_heads.md").exists()
    assert not list(folder.glob(".*"))


def test_a_record_that_fails_leaves_the_old_one(run, monkeypatch):
    record(run)
    out = run / "results" / "run_record" / "ro-crate-metadata.json"
    before = out.read_bytes()
    monkeypatch.setattr(steps, "write_crate", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record(run)
    assert out.read_bytes() == before and not list(out.parent.glob(".*"))


def test_results_without_a_store_are_told(run):
    shutil.rmtree("results/cohorts")
    with pytest.raises(UserError, match="holds no sealed store"):
        record(run)
