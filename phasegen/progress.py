"""How far a job is, told in its log."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

SECONDS = 30
"""Between two lines, so that the log of a job of days can be read."""

Item = TypeVar("Item")


class Progress:
    """Lines such as ``ingest: 128 of 512 slices, 35.1 slices/s, 0:00:11 left``.

    Args:
        work: its name.
        total: how many units there are, without those that an earlier run did.
        unit: in the plural.
    """

    def __init__(self, work: str, total: int, unit: str = "slices") -> None:
        self._work, self._total, self._unit = work, total, unit
        self._done = 0
        self._start = self._told = time.monotonic()

    def add(self, count: int = 1) -> None:
        """So many more are done; a line now and then, and at the end."""
        self._done += count
        now = time.monotonic()
        if self._done >= self._total or now - self._told >= SECONDS:
            self._told = now
            logging.info("%s: %s", self._work, self._line(now - self._start))

    def _line(self, seconds: float) -> str:
        rate = self._done / max(seconds, 1e-6)
        line = f"{self._done} of {self._total} {self._unit}, {rate:.3g} {self._unit}/s"
        if self._done >= self._total:
            return f"{line}, {duration(seconds)} in all"
        return f"{line}, {duration((self._total - self._done) / rate)} left"


def told(
    items: Sequence[Item], work: str, unit: str, size: Callable[[Item], int] = lambda _: 1
) -> Iterator[Item]:
    """The items, each of them counted as ``size`` units once what is done with it is done."""
    progress = Progress(work, sum(map(size, items)), unit)
    for item in items:
        yield item
        progress.add(size(item))


def duration(seconds: float) -> str:
    """Such as ``0:02:14``, or ``3 days, 0:00:00``."""
    return str(timedelta(seconds=round(seconds)))
