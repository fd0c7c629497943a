"""A reader run in a process of its own, for libraries that a damaged file can kill.

Of 10,000 randomly damaged HDF5 files about nine kept the HDF5 library (2.0) busy for ever and one
in 27,000 crashed it; of 10,000 MATLAB files of version 5 or 7 about 18 crashed SciPy (1.17). No
``except`` catches either. One process for all such readers is started when first needed, kept,
and replaced when it dies.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from phasegen.sources.base import BadFile, Header, Reader

CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL")
COMMAND = [sys.executable, "-P", "-m", "phasegen.sources.child"]
PIPE_BYTES = 1 << 20  # where it may be chosen (Linux): large pieces cost less time


class Isolated:
    """A `Reader` whose files are read by a process with limits of time and memory."""

    def __init__(self, reader: Reader) -> None:
        self.roles, self.suffixes = reader.roles, reader.suffixes
        self._name = f"{type(reader).__module__}:{type(reader).__qualname__}"

    def read_header(self, path: Path) -> Header:
        """As the reader does; raises `BadFile` too where the library crashes or never ends."""
        header = CHILD.ask(self._name, "read_header", path)["header"]
        pairs = ("shape", "recon_shape", "spacing_mm")
        tuples = {key: tuple(header[key]) for key in pairs if header[key] is not None}
        return Header(**header | tuples | {"path": path})

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """As the reader does; raises `BadFile` too where the library crashes or never ends."""
        return CHILD.ask(self._name, "read_slices", path, (start, stop))["array"]


class Child:
    """The process, and the pipes to it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._lock = threading.Lock()

    def ask(self, reader: str, method: str, path: Path, range_: tuple = ()) -> dict:
        """Reply to one request.

        Raises:
            BadFile: the reader raised it, or the file ends a fresh process too.
            RuntimeError: any other exception of the reader, or a process that was killed.
        """
        request = {"reader": reader, "method": method, "range": range_}
        request["path"] = os.path.abspath(path)  # noqa: PTH100 - links stay as they are
        with self._lock:
            # what an earlier file broke in the process is no fault of this one
            reply = self._try(request) if self._process else {}
            reply = self._try(request) if "died" in reply or not reply else reply
        if "died" in reply:
            raise _why_dead(reply["died"], path)
        if "bad" in reply:
            raise BadFile(path, *reply["bad"])
        if "error" in reply:
            raise RuntimeError(f"{path}: the reader failed\n{reply['error']}")
        return reply

    def _try(self, request: dict) -> dict:
        process = self._process or self._start()
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            reply = json.loads(process.stdout.readline())
            if "dtype" in reply:
                reply["array"] = array = np.empty(reply["shape"], reply["dtype"])
                if process.stdout.readinto(array.reshape(-1).view(np.uint8)) < array.nbytes:
                    raise BrokenPipeError
        except (BrokenPipeError, json.JSONDecodeError):
            code = process.wait()
            self.stop()
            return {"died": code}
        except BaseException:
            # an interrupted answer must not be taken for that of the next request
            self.stop()
            raise
        return reply

    def _start(self) -> subprocess.Popen:
        root = str(Path(__file__).parents[2])
        paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=PIPE_BYTES,
            env=os.environ | {"PYTHONPATH": paths},
        )
        return self._process

    def stop(self) -> None:
        """End the process, if there is one; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()

    def forget(self) -> None:
        """After a fork: the process belongs to the parent, and two must not talk to it at once."""
        if self._process:
            self._process.returncode = 0  # so that it is not waited for
            self._process.stdin.close()
            self._process.stdout.close()
        self._process, self._lock = None, threading.Lock()


def _why_dead(code: int, path: Path) -> Exception:
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    if name == "SIGXCPU":
        return BadFile(path, "keeps the library that reads it busy for ever", "fetch it again")
    if name in CRASHES:
        return BadFile(path, f"crashes the library that reads it ({name})", "fetch it again")
    # such as the system short of memory, or a scheduler
    return RuntimeError(f"{path}: the process that reads it was ended from outside ({name})")


CHILD = Child()
atexit.register(CHILD.stop)
os.register_at_fork(after_in_child=CHILD.forget)
