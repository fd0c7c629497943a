"""No file makes a reader do other than read it or refuse it, in bounded memory and time."""

import re
from collections.abc import Iterator

import pytest

from phasegen.sources.registry import READERS

from .hostile.crafted import READ, REFUSED
from .hostile.mutations import mutate
from .hostile.reading import Reading, is_allowed, reading
from .hostile.writers import WRITERS

FORMATS = [(name, write) for name, writers in WRITERS.items() for write in writers]


@pytest.fixture(scope="module")
def worker() -> Iterator[Reading]:
    with reading() as worker:
        yield worker


def named(value):
    return value if isinstance(value, str) else getattr(value, "__name__", None)


def test_every_reader_has_files_to_damage():
    assert set(WRITERS) == set(READERS)


@pytest.mark.parametrize(("name", "write"), FORMATS, ids=named)
def test_damaged_files_are_read_or_refused(worker, tmp_path, name, write):
    faults = damage(worker, tmp_path, name, write, range(10))
    assert not faults, "\n".join(faults)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "write"), FORMATS, ids=named)
def test_many_damaged_files_are_read_or_refused(worker, tmp_path, name, write):
    faults = damage(worker, tmp_path, name, write, range(10, 1010))
    assert not faults, "\n".join(faults)


def damage(worker, folder, name, write, seeds):
    """What was neither read nor refused, by reader, seed and mutation."""
    target = write(folder)
    path = target.with_suffix(".nii.gz") if target.suffix == ".json" else target
    assert worker.outcome(name, path) == "read"
    whole = target.read_bytes()
    faults = []
    for seed in seeds:
        target.write_bytes(whole)
        done = mutate(target, seed)
        outcome = worker.outcome(name, path)
        if not is_allowed(outcome):
            faults.append(f"{name}, {write.__name__}, seed {seed}, {done}: {outcome}")
    return faults


@pytest.mark.parametrize(("name", "write", "reason"), REFUSED, ids=named)
def test_files_made_to_do_harm_are_refused(worker, tmp_path, name, write, reason):
    path = write(tmp_path)
    assert path.stat().st_size < 5e6
    outcome = worker.outcome(name, path)
    assert re.fullmatch(rf"BadFile {re.escape(str(path.parent))}.*{reason}.*", outcome), outcome


@pytest.mark.parametrize(("name", "write"), READ, ids=named)
def test_files_at_the_limit_are_read(worker, tmp_path, name, write):
    assert worker.outcome(name, write(tmp_path)) == "read"
    assert not list(tmp_path.parent.glob("outside*"))
