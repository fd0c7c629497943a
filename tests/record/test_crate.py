"""A crate is valid by its profiles, holds what it says, and says what was done."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from phasegen.record.benchmarks import Times
from phasegen.record.crate import Run, content_uri, write_crate
from phasegen.record.inputs import Input

REPOSITORY = Path(__file__).parents[2]
SHA = hashlib.sha256(b"raw").hexdigest()


def make_run(folder, **changes):
    table, weights = folder / "table1_heads.csv", folder / "model.safetensors"
    table.write_text("a\n1\n")
    weights.write_bytes(b"weights")
    options = {
        "workflow": REPOSITORY / "workflow",
        "config": {"seed": 3},
        "inputs": [
            Input("results/a b.h5", SHA, "CC0-1.0", "A 2020"),
            Input("copy.h5", SHA, "not stated"),
        ],
        "tables": [table],
        "made": [weights],
        "facts": {"seed": 3, "processor": "one", "jobs of train": {"jobs": 1, "seconds": 2.5}},
        "packages": {"numpy": "2.0", "snakemake": "9.27.1", "torch": "2.13.0"},
        "times": Times(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)),
    }
    return Run(**options | changes)


@pytest.fixture
def crate(tmp_path):
    write_crate(make_run(tmp_path), tmp_path / "crate")
    return tmp_path / "crate"


def entities(crate):
    graph = json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]
    return {entity["@id"]: entity for entity in graph}


def validate(crate, profile="workflow-run-crate"):
    script = Path(__file__).with_name("crate_validator.py")
    return subprocess.run(
        [sys.executable, str(script), str(crate), profile],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"http_proxy": "http://0.0.0.0:9", "https_proxy": "http://0.0.0.0:9"},
    )


@pytest.mark.parametrize("profile", ["process-run-crate", "workflow-run-crate"])
def test_the_validator_accepts_it_without_a_network(crate, profile):
    done = validate(crate, profile)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_the_validator_would_notice(crate):
    """Else a validator that looks at nothing would be content."""
    file = crate / "ro-crate-metadata.json"
    content = json.loads(file.read_text())
    for entity in content["@graph"]:
        entity.pop("instrument", None)
    file.write_text(json.dumps(content))
    done = validate(crate)
    assert done.returncode == 1 and "instrument" in done.stdout, done.stderr[-2000:]


def test_all_that_it_holds_is_there_as_it_says(crate):
    for name, entity in entities(crate).items():
        if entity["@type"] == "File" and not name.startswith("ni:"):
            content = (crate / name).read_bytes()
            assert entity.get("sha256", hashlib.sha256(content).hexdigest()) == (
                hashlib.sha256(content).hexdigest()
            )
    assert json.loads((crate / "config.json").read_text()) == {"seed": 3}
    assert "numpy==2.0" in (crate / "packages.txt").read_text()
    held = {path.name for path in (crate / "workflow" / "rules").iterdir()}
    assert held == {path.name for path in (REPOSITORY / "workflow" / "rules").glob("*.smk")}


def test_the_action_says_what_was_read_what_came_out_and_how(crate):
    found = entities(crate)
    action = found["#run"]
    read, made = ({part["@id"] for part in action[key]} for key in ("object", "result"))
    assert {"config.json", "packages.txt", content_uri(SHA)} == read
    weights = hashlib.sha256(b"weights").hexdigest()
    assert {"tables/table1_heads.csv", content_uri(weights)} == made
    assert action["instrument"] == {"@id": "workflow/Snakefile"}
    assert (action["startTime"], action["endTime"]) == (
        "2026-01-02T00:00:00+00:00",
        "2026-01-03T00:00:00+00:00",
    )
    values = {
        found[part["@id"]]["name"]: found[part["@id"]]["value"]
        for part in action["additionalProperty"]
    }
    assert values["seed"] == 3 and json.loads(values["jobs of train"])["seconds"] == 2.5


def test_inputs_have_licences_and_files_of_one_content_are_one(crate):
    raw = entities(crate)[content_uri(SHA)]
    assert (raw["name"], raw["alternateName"]) == ("results/a b.h5", ["copy.h5"])
    assert (raw["license"], raw["citation"], raw["sha256"]) == ("CC0-1.0", "A 2020", SHA)


def test_what_is_read_and_made_alike_is_one_file_too(tmp_path):
    same = hashlib.sha256(b"weights").hexdigest()
    run = make_run(tmp_path, inputs=[Input("given.safetensors", same, "MIT")])
    write_crate(run, tmp_path / "crate")
    found = entities(tmp_path / "crate")
    weights, action = found[content_uri(same)], found["#run"]
    assert weights["name"] == "given.safetensors" and len(weights["alternateName"]) == 1
    for key in ("object", "result"):
        assert {"@id": weights["@id"]} in action[key]


def test_the_identifier_is_that_of_rfc_6920():
    """Its example, the text "Hello World!"."""
    digest = hashlib.sha256(b"Hello World!").hexdigest()
    assert content_uri(digest) == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"


def test_a_run_without_benchmarks_has_no_times(tmp_path):
    write_crate(make_run(tmp_path, times=None), tmp_path / "crate")
    assert "startTime" not in entities(tmp_path / "crate")["#run"]
