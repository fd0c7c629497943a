"""Loading slices for training: shuffled by name, shared by devices, resumed at any batch."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils.data import DataLoader, Sampler

from phasegen.data.stored import Batch, StoredSlices, together
from phasegen.seeds import generator
from phasegen.store.seal import DamagedStore


class BatchOrder(Sampler[list[int]]):
    """Rows of every batch of one device: a permutation by (seed, epoch), dealt to the devices.

    All devices have equally many slices, and together all of them; where that does not come
    out even the first slices of the order are dealt again at its end, fewer than there are
    devices. Iterating gives what is left of the epoch.

    Args:
        count: slices of the dataset.
        batch: slices of a batch; the last one may be smaller.
        seed: of the order.
        shuffle: without, the rows are dealt as they stand.
        rank: number of this device, below ``devices``.
    """

    def __init__(
        self,
        count: int,
        batch: int,
        seed: int,
        shuffle: bool = True,
        rank: int = 0,
        devices: int = 1,
    ) -> None:
        if not 0 <= rank < devices:
            raise ValueError(f"rank {rank} of {devices} devices")
        self.count, self.batch, self.seed, self.shuffle = count, batch, seed, shuffle
        self.rank, self.devices = rank, devices
        self.epoch, self.position = 0, 0

    @property
    def batches(self) -> int:
        """Of a whole epoch."""
        return math.ceil(math.ceil(self.count / self.devices) / self.batch)

    def __len__(self) -> int:
        """Batches that are left of this epoch."""
        return self.batches - self.position

    def __iter__(self) -> Iterator[list[int]]:
        # Not one by one: a loader asks for them ahead, while the position moves on.
        rows = self._rows()
        starts = range(self.position * self.batch, len(rows), self.batch)
        return iter([rows[start : start + self.batch] for start in starts])

    def advance(self) -> None:
        """One more batch was used; after the last the next epoch begins."""
        self.position += 1
        if self.position == self.batches:
            self.epoch, self.position = self.epoch + 1, 0

    def state_dict(self) -> dict[str, int]:
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.epoch, self.position = state["epoch"], state["position"]

    def _rows(self) -> list[int]:
        rows = list(range(self.count))
        if self.shuffle:
            rows = generator(self.seed, "order", self.epoch).permutation(self.count).tolist()
        rows += (rows * self.devices)[: -self.count % self.devices]
        return rows[self.rank :: self.devices]


class SliceLoader(DataLoader):
    """Batches of ``StoredSlices``, as ``loader`` makes it.

    Iterating gives what is left of an epoch, so a loop that was broken off goes on with the
    next batch. ``state_dict`` counts the batches that were handed out, not those that workers
    have read ahead: saved after any batch and loaded into another loader of the same
    arguments, it goes on with the next, whatever the number of workers.
    """

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._from_workers() if self.num_workers else self._read_ahead():
            self.batch_sampler.advance()
            yield batch

    def state_dict(self) -> dict[str, int]:
        return self.batch_sampler.state_dict()

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.batch_sampler.load_state_dict(state)

    def _from_workers(self) -> Iterator[Batch]:
        try:
            with damage_in_one_line():
                yield from super().__iter__()
        except (OSError, EOFError) as error:  # of the socket a batch would have come through
            raise RuntimeError("a process that reads slices has ended unexpectedly") from error

    def _read_ahead(self) -> Iterator[Batch]:
        for items in self.dataset.read_ahead(self.batch_sampler):
            batch = self.collate_fn(items)
            yield tuple(part.pin_memory() for part in batch) if self.pin_memory else batch


def loader(
    dataset: StoredSlices,
    batch: int,
    seed: int,
    workers: int = 0,
    shuffle: bool = True,
    rank: int = 0,
    devices: int = 1,
) -> SliceLoader:
    """Shuffled batches ``(values, rows)`` of ``dataset``, the same for any number of workers.

    Args:
        batch: slices of a batch.
        seed: the order of an epoch follows from it and the epoch's number.
        workers: processes that read; 0 reads ahead in this one. A script that asks for some
            needs ``if __name__ == "__main__":``, since they start by importing it.
        rank: number of this device, of ``devices`` that share each epoch.

    Raises:
        DamagedStore: from the loop, at a shard that is missing, cut or changed.
    """
    order = BatchOrder(len(dataset), batch, seed, shuffle, rank, devices)
    return SliceLoader(dataset, batch_sampler=order, **reading(workers))


@contextmanager
def damage_in_one_line() -> Iterator[None]:
    """Take the trace of a worker out of the message of a DamagedStore."""
    try:
        yield
    except DamagedStore as error:
        raise DamagedStore(str(error).strip().rpartition("DamagedStore: ")[2]) from None


def reading(workers: int) -> dict:
    """Arguments of a DataLoader over ``StoredSlices`` that has so many processes to read."""
    options = {"collate_fn": together, "pin_memory": torch.cuda.is_available()}
    if workers:
        # Not forked: the threads of tensorstore would be missing. Not from a fork server: torch
        # is told of the death of its own children alone, and might wait for half a batch for ever.
        options |= {"multiprocessing_context": "spawn", "persistent_workers": True}
    return options | {"num_workers": workers}
