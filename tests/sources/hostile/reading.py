"""Files read by `worker`, which is replaced when one of them kills it."""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKER = [sys.executable, str(Path(__file__).with_name("worker.py"))]
SECONDS = 60  # of waiting; the worker itself bounds the time at work


class Reading:
    """A worker, as long as it lives."""

    def __init__(self) -> None:
        self._worker: subprocess.Popen | None = None

    def outcome(self, reader: str, path: Path) -> str:
        """``read``, ``BadFile`` and its message, or what must not be."""
        worker = self._worker or self._start()
        worker.stdin.write(f"{reader}\t{path}\n")
        worker.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(worker.stdout, selectors.EVENT_READ)
            if not selector.select(SECONDS):
                self.stop()
                return f"no answer within {SECONDS} s"
        if line := worker.stdout.readline():
            return line.rstrip("\n")
        code = worker.wait()
        self.stop()
        return f"died by {signal.Signals(-code).name if code < 0 else code}"

    def stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            worker.kill()
            worker.wait()
            worker.stdin.close()
            worker.stdout.close()

    def _start(self) -> subprocess.Popen:
        root = str(Path(__file__).parents[3])
        self._worker = subprocess.Popen(
            WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": root, "PYTHONWARNINGS": "error"},
        )
        return self._worker


@contextmanager
def reading() -> Iterator[Reading]:
    """A worker that ends with the block."""
    worker = Reading()
    try:
        yield worker
    finally:
        worker.stop()


def is_allowed(outcome: str) -> bool:
    return outcome == "read" or outcome.startswith("BadFile ")
