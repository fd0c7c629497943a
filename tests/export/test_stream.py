"""Blocks to volumes: every slice to its volume in order, every block read once."""

import dask.array as da
import numpy as np
import pytest

from phasegen.export import stream
from phasegen.export.base import Volume
from phasegen.export.stream import Stream

ROWS = 23


def volume(name, rows):
    rows = np.array(rows)
    shape = (len(rows), 1, 1, 1)
    return Volume("c", name, name, None, "kspace", name, rows, rows, shape, None, None)


def run(volumes, workers, block=4):
    """What every volume was given, and the starts of the blocks that were read, in order."""
    read = []

    def load(block_info):
        start, stop = block_info[None]["array-location"][0]
        read.append(start)
        return np.arange(start, stop)[:, None, None, None]

    chunks = (da.core.normalize_chunks(block, (ROWS,))[0], 1, 1, 1)
    array = da.map_blocks(load, chunks=chunks, dtype=int, meta=np.empty((0,) * 4, int))
    flow, found = Stream(array, volumes, workers), {}
    for group in flow.groups:
        given = [found.setdefault(volume.name, []) for volume in group]
        writes = [lambda part, into=into: into.extend(part.ravel().tolist()) for into in given]
        flow.write(group, writes, lambda _: None)
    return found, read


CASES = {
    "one after the other": [range(0, 6), range(6, 7), range(7, 23)],
    "interleaved": [range(0, 12, 3), range(1, 12, 3), range(2, 12, 3), range(12, 23)],
    "some left out": [range(2, 3), range(9, 15)],
    "one volume": [range(ROWS)],
}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("case", CASES)
def test_every_slice_goes_to_its_volume_and_every_block_is_read_once(case, workers):
    volumes = [volume(str(n), rows) for n, rows in enumerate(CASES[case])]
    found, read = run(volumes[::-1], workers)
    assert found == {v.name: v.rows.tolist() for v in volumes}
    needed = {row // 4 * 4 for v in volumes for row in v.rows}
    assert sorted(read) == sorted(needed)


def test_volumes_beyond_the_limit_of_open_files_are_written_later(monkeypatch):
    monkeypatch.setattr(stream, "MOST_OPEN", 2)
    volumes = [volume(str(n), range(n, 20, 5)) for n in range(5)]
    found, read = run(volumes, 1)
    assert found == {v.name: v.rows.tolist() for v in volumes}
    assert len(read) == 5 + 5 + 4
