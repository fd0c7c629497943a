"""Loading: the same batches for any number of workers, resumed anywhere, shared by devices."""

import os
import signal

import numpy as np
import pytest
import torch

from phasegen.data.loading import BatchOrder, loader
from phasegen.data.stored import StoredSlices
from phasegen.paths import shard_key
from phasegen.store.seal import DamagedStore

from ..sealed import complex_slices, seal_slices

COUNT, BATCH, BATCHES = 17, 4, 5

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create 3")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    a = seal_slices(folder / "a.zarr", "kspace", complex_slices(10), 4)
    b = seal_slices(folder / "b.zarr", "kspace", complex_slices(7, seed=1), 3)
    return StoredSlices([a, b])


def taken(batches):
    return [(values.numpy().copy(), rows.tolist()) for values, rows in batches]


def assert_same(found, expected):
    assert [rows for _, rows in found] == [rows for _, rows in expected]
    for (values, _), (due, _) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(values, due)


@pytest.fixture(scope="module")
def two_epochs(data):
    batches = loader(data, BATCH, seed=3)
    return taken(batches) + taken(batches)


def test_an_epoch_has_every_slice_once_and_each_epoch_another_order(data, two_epochs):
    first, second = two_epochs[:BATCHES], two_epochs[BATCHES:]
    assert len(second) == BATCHES
    orders = [[row for _, rows in epoch for row in rows] for epoch in (first, second)]
    assert orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1]) == list(range(COUNT))
    other = [row for _, rows in taken(loader(data, BATCH, seed=4)) for row in rows]
    assert other != orders[0]
    plain = taken(loader(data, BATCH, seed=3, shuffle=False))
    assert [row for _, rows in plain for row in rows] == list(range(COUNT))


def test_a_batch_holds_the_slices_of_its_rows(data, two_epochs):
    everything = np.concatenate([complex_slices(10), complex_slices(7, seed=1)])
    for values, rows in two_epochs:
        np.testing.assert_array_equal(values, everything[rows])


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_are_the_same_for_any_number_of_workers(data, two_epochs, workers):
    batches = loader(data, BATCH, seed=3, workers=workers)
    assert_same(taken(batches) + taken(batches), two_epochs)


def test_torch_has_no_say_in_the_order(data, two_epochs):
    torch.manual_seed(11)
    np.random.seed(11)  # noqa: NPY002
    assert_same(taken(loader(data, BATCH, seed=3)), two_epochs[:BATCHES])


@pytest.mark.parametrize("position", range(2 * BATCHES))
def test_a_run_goes_on_with_the_next_batch(data, two_epochs, position):
    cut = loader(data, BATCH, seed=3)
    for number in range(position):
        next(iter(cut))
        assert cut.state_dict() == dict(
            zip(("epoch", "position"), divmod(number + 1, BATCHES), strict=True)
        )
    resumed = loader(data, BATCH, seed=3)
    resumed.load_state_dict(cut.state_dict())
    assert len(resumed) == BATCHES - position % BATCHES
    rest = taken(resumed) + (taken(resumed) if position < BATCHES else [])
    assert_same(rest, two_epochs[position:])


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_that_workers_read_ahead_do_not_count(data, two_epochs, workers):
    cut = loader(data, BATCH, seed=3, workers=workers)
    first = [batch for batch, _ in zip(cut, range(2), strict=False)]
    assert_same(taken(first), two_epochs[:2])
    # zip takes one more than it gives
    assert cut.state_dict() == {"epoch": 0, "position": 3}
    for count in (0, 3):
        resumed = loader(data, BATCH, seed=3, workers=count)
        resumed.load_state_dict(cut.state_dict())
        assert_same(taken(resumed), two_epochs[3:BATCHES])
    # the same loader goes on too, and its workers forget what they had read ahead
    assert_same(taken(cut), two_epochs[3:BATCHES])


@pytest.mark.parametrize(("count", "devices"), [(16, 2), (17, 2), (16, 3), (2, 5)])
@pytest.mark.parametrize("shuffle", [True, False])
def test_devices_share_the_slices(count, devices, shuffle):
    orders = [BatchOrder(count, 3, 7, shuffle, rank, devices) for rank in range(devices)]
    shares = [[row for batch in order for row in batch] for order in orders]
    assert len({len(share) for share in shares}) == len({len(order) for order in orders}) == 1
    everything = [row for share in shares for row in share]
    assert set(everything) == set(range(count))
    again = sorted(everything)
    assert len(again) - count == -count % devices < devices
    if count % devices == 0:
        assert again == list(range(count))
    with pytest.raises(ValueError, match="rank"):
        BatchOrder(count, 3, 7, shuffle, devices, devices)


def test_a_rank_sees_its_share_of_the_data(data, two_epochs):
    shares = [taken(loader(data, BATCH, seed=3, rank=rank, devices=2)) for rank in (0, 1)]
    order = [row for _, rows in two_epochs[:BATCHES] for row in rows]
    for rank, share in enumerate(shares):
        rows = [row for _, rows in share for row in rows]
        assert rows == (order + order[:1])[rank::2]


# torch may tell it once more while it ends the other worker
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_killed_worker_is_an_error(data):
    batches = loader(data, 1, seed=3, workers=2)
    running = iter(batches)
    next(running)
    for worker in batches._iterator._workers:
        os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match=r"killed by signal|(exited|ended) unexpectedly"):
        list(running)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_shard_is_named_by_the_loop(tmp_path, workers):
    store = seal_slices(tmp_path / "a.zarr", "images", complex_slices(10), 4)
    file = store / shard_key(2)
    content = bytearray(file.read_bytes())
    content[7] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedStore, match=r"^[^\n]*a.zarr cannot be read: [^\n]*c/2/0/0/0[^\n]*$"):
        list(loader(StoredSlices([store]), 3, seed=0, workers=workers))
