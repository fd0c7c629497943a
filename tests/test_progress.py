"""Lines that say how far a job is."""

import logging

import pytest

from phasegen import progress


@pytest.fixture
def clock(monkeypatch, caplog):
    """Seconds that the test lets pass."""
    caplog.set_level(logging.INFO)
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_now_and_then_and_one_at_the_end(clock, caplog):
    for item in progress.told([10, 30, 20], "ingest", "slices", lambda item: item):
        clock[0] += item
    assert caplog.messages == [
        "ingest: 40 of 60 slices, 1 slices/s, 0:00:20 left",
        "ingest: 60 of 60 slices, 1 slices/s, 0:01:00 in all",
    ]


def test_nothing_to_do_is_no_line(clock, caplog):
    assert list(progress.told([], "ingest", "slices")) == []
    assert not caplog.messages
