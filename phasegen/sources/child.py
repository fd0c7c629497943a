"""The process that `phasegen.sources.isolated` asks: a line of JSON in, a line of JSON out.

The bytes of an array follow on the line that gives its shape and type.
"""

import importlib
import json
import os
import resource
import signal
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import numpy as np
import psutil

from phasegen.sources.base import BadFile, Header
from phasegen.sources.claims import allowance

SPARE = 1 << 28  # bytes that the libraries themselves may take
SECONDS = 2  # of processor time; a small file takes some milliseconds
BYTES_PER_SECOND = 1 << 20  # the slowest that a good file has any right to be


def main() -> None:
    """Answer until the other end closes."""
    # Ctrl-C is for the parent, whose end is the end of this process too
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with _replies() as replies:
        for line in sys.stdin:
            reply, content = _answer(json.loads(line))
            replies.write(reply.encode() + b"\n")
            replies.write(content)
            replies.flush()


def _replies() -> BinaryIO:
    """Standard output, to which nothing else may print any more."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return replies


def _answer(request: dict) -> tuple[str, memoryview | bytes]:
    """The line to reply, and the bytes of an array if there is one."""
    try:
        result = _read(request)
        if isinstance(result, Header):
            return json.dumps({"header": asdict(result) | {"path": None}}), b""
        facts = {"shape": result.shape, "dtype": result.dtype.str}
        return json.dumps(facts), np.ascontiguousarray(result).reshape(-1).view(np.uint8).data
    except BadFile as fault:
        reply = {"bad": [fault.reason, fault.remedy]}
    except MemoryError:
        reply = {"bad": ["takes more memory than a file of its size may", "fetch it again"]}
    except Exception:
        reply = {"error": traceback.format_exc()}
    return json.dumps(reply), b""


def _read(request: dict) -> Header | np.ndarray:
    module, name = request["reader"].split(":")
    reader = getattr(importlib.import_module(module), name)()
    path = Path(request["path"])
    _limit(path.stat().st_size if path.is_file() else 0)
    return getattr(reader, request["method"])(path, *request["range"])


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


if __name__ == "__main__":
    main()
