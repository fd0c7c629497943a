"""The target ``exports``: every store in every format of the configuration, once."""

import json

import pytest

from .test_dag import plan


def test_every_store_is_planned_in_every_format(project):
    config = project.config(export={"formats": ["bart", "bids"]})
    assert plan(project, "exports", config=config)[0]["export_store"] == 8


@pytest.mark.long
def test_a_changed_store_makes_room_for_its_export(copy):
    changes = {"export": {"formats": ["bids"]}, "synthesis": {"sources": ["phasegen"], "steps": 1}}
    record = copy.results / "exports/simulated-magnitude/phasegen/bids/export.json"
    stores = []
    for steps in (1, 2):
        changes["synthesis"]["steps"] = steps
        done = copy.run("exports", config=copy.config(**changes))
        assert done.returncode == 0, done.stdout
        facts = json.loads(record.read_text())
        assert all((record.parent / name).is_file() for name in facts["files"])
        stores.append(facts["store"])
    assert stores[0] != stores[1]
    assert plan(copy, "exports", config=copy.config(**changes))[0] == {}
