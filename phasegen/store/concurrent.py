"""Reading many slices of a sealed store at a time, in any order, through tensorstore."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import tensorstore

from phasegen.store.places import RETRIES, ObjectPath, Unreachable, endpoint, place, region
from phasegen.store.quantised import QUANTISED, restore
from phasegen.store.reading import open_store, provenance, read_index
from phasegen.store.seal import DamagedStore

CACHE = 64 * 2**20
"""Bytes that a process keeps at most: the indices of all shards, and the slices read last."""

REQUESTS = 16
"""Reads that are under way in a process at most."""

NO_ANSWER = ("ABORTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "PERMISSION_DENIED", "UNAUTHENTICATED")
"""How tensorstore's message begins where an object store breaks off or refuses."""

PLAIN = {quantised: kind for kind, quantised in QUANTISED.items()}


class ConcurrentReader:
    """Slices of one sealed store, complex64 or what its kind has, ``(slice, coil, y, x)``.

    The quantised form is read as the complex values that it stands for. It must be opened in
    the process that reads: the threads of tensorstore do not survive a fork.

    Raises:
        FileNotFoundError: no such store, or one that was never sealed.
        Unreachable: an object store that does not answer.
    """

    def __init__(self, store: str | Path | ObjectPath) -> None:
        self.store = place(store)
        array = open_store(store)
        kind = provenance(store)["kind"]
        self.kind = PLAIN.get(kind, kind)
        self.slice_shape = array.shape[1:4]
        self._step = None
        if kind in PLAIN:
            self._step = read_index(store)["quantisation_step"].to_numpy()
        self._array = tensorstore.open(_spec(self.store), context=_context(), read=True).result()

    def start(self, rows: np.ndarray) -> "Reading":
        """Begin to read ``rows``, in any order; all of them are under way at once."""
        # Large arrays of numpy lie in huge pages, those that tensorstore would make do not.
        stored = np.empty((len(rows), *self._array.shape[1:]), self._array.dtype.numpy_dtype)
        done = tensorstore.array(stored, copy=False).write(self._array.oindex[rows]).commit
        return Reading(self, rows, stored, done)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The slices ``rows``; raises as ``Reading.result`` does."""
        return self.start(rows).result()

    def values(self, stored: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """What the ``stored`` values of ``rows`` stand for."""
        return stored if self._step is None else restore(stored, self._step[rows])


@dataclass(frozen=True)
class Reading:
    """Slices on their way."""

    reader: ConcurrentReader
    rows: np.ndarray
    stored: np.ndarray
    done: tensorstore.Future

    def result(self) -> np.ndarray:
        """Slices in the order of ``rows``, ``(slice, coil, y, x)``.

        Raises:
            DamagedStore: a shard that is missing, cut or changed, by its file's name.
            Unreachable: an object store that does not answer, or breaks off.
        """
        try:
            self.done.result()
        except ValueError as error:
            kind = Unreachable if str(error).startswith(NO_ANSWER) else DamagedStore
            raise kind(f"{self.reader.store} cannot be read: {error}") from None
        return self.reader.values(self.stored, self.rows)


@cache
def _context() -> tensorstore.Context:
    return tensorstore.Context(
        {
            "cache_pool": {"total_bytes_limit": CACHE},
            "file_io_concurrency": {"limit": REQUESTS},
            "s3_request_concurrency": {"limit": REQUESTS},
            "s3_request_retries": {"max_retries": RETRIES, "initial_delay": "200ms"},
        }
    )


def _files(store: Path | ObjectPath) -> dict:
    if not isinstance(store, ObjectPath):
        return {"driver": "file", "path": str(store.resolve())}
    spec = {"driver": "s3", "bucket": store.bucket, "path": f"{store.key}/"}
    own = {"endpoint": endpoint()} if endpoint() else {}
    if "AWS_ACCESS_KEY_ID" in os.environ:
        # Else it looks at every other place first, and complains of each on stderr.
        own["aws_credentials"] = {"type": "environment"}
    return spec | {"aws_region": region()} | own


def _spec(store: Path | ObjectPath) -> dict:
    return {
        "driver": "zarr3",
        "kvstore": _files(store),
        # A sealed store does not change.
        "recheck_cached_metadata": "open",
        "recheck_cached_data": "open",
        # A shard that is gone is no shard of zeros.
        "fill_missing_data_reads": False,
    }
