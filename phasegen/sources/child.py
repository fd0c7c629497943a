"""The process that `phasegen.sources.isolated` asks: one line of JSON in, one out.

An array goes back through a file in memory that both processes have open.
"""

import importlib
import json
import mmap
import os
import resource
import signal
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import numpy as np
import psutil

from phasegen.sources.base import BadFile
from phasegen.sources.claims import allowance

SPARE = 1 << 28  # bytes that the libraries themselves may take
SECONDS = 2  # of processor time; a small file takes some milliseconds
BYTES_PER_SECOND = 1 << 20  # the slowest that a good file has any right to be


def main(memory: int) -> None:
    """Answer until the other end closes; ``memory`` is the descriptor for arrays."""
    # Ctrl-C is for the parent, whose end is the end of this process too
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with _replies() as replies:
        for line in sys.stdin:
            print(_answer(json.loads(line), memory), file=replies, flush=True)


def _replies() -> TextIO:
    """Standard output, to which nothing else may print any more."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return replies


def _answer(request: dict, memory: int) -> str:
    try:
        return json.dumps(_read(request, memory))
    except BadFile as fault:
        return json.dumps({"bad": [fault.reason, fault.remedy]})
    except MemoryError:
        reason = "takes more memory than a file of its size may"
        return json.dumps({"bad": [reason, "fetch it again"]})
    except Exception:
        return json.dumps({"error": traceback.format_exc()})


def _read(request: dict, memory: int) -> dict:
    module, name = request["reader"].split(":")
    reader = getattr(importlib.import_module(module), name)()
    path = Path(request["path"])
    _limit(path.stat().st_size if path.is_file() else 0)
    if request["method"] == "read_header":
        return {"header": asdict(reader.read_header(path)) | {"path": None}}
    return _hand_over(reader.read_slices(path, *request["range"]), memory)


def _limit(size: int) -> None:
    """Bounds for one request on a file of ``size`` bytes: a crossed one ends it, or the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime + SECONDS + size / BYTES_PER_SECOND
    _lower(resource.RLIMIT_CPU, int(seconds))
    if sys.platform == "linux":
        taken = psutil.Process().memory_info().vms
        _lower(resource.RLIMIT_AS, taken + allowance(size) + SPARE)


def _lower(which: int, limit: int) -> None:
    _, hard = resource.getrlimit(which)
    soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (soft, hard))


def _hand_over(array: np.ndarray, memory: int) -> dict:
    os.ftruncate(memory, array.nbytes)
    if array.nbytes:
        with mmap.mmap(memory, array.nbytes) as shared:
            np.frombuffer(shared, array.dtype).reshape(array.shape)[...] = array
    return {"shape": array.shape, "dtype": array.dtype.str}


if __name__ == "__main__":
    main(int(sys.argv[1]))
