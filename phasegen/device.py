"""The device of a computation: what the configuration says, never less in silence."""

import fcntl
import logging
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

import torch
from torch.multiprocessing import ProcessRaisedException

from phasegen.errors import UserError
from phasegen.settings import Device

Result = TypeVar("Result")

_taken: dict[int, IO] = {}
"""GPUs of this process by their number, each with the lock that it holds until it ends."""


def use_device(name: Device, key: str) -> torch.device:
    """Torch device of that name; of several GPUs one that no other job here computes on.

    Args:
        key: of the configuration, that says so.

    Raises:
        UserError: no such device on this machine.
    """
    if name == "cpu":
        return torch.device("cpu")
    return torch.device("cuda", take_gpus(1, key)[0])


def take_gpus(count: int, key: str) -> list[int]:
    """Numbers, as torch counts, of GPUs that are this process's own until it ends.

    They are chosen from those in ``CUDA_VISIBLE_DEVICES``, or from all. While too few are free it
    waits.

    Raises:
        UserError: fewer are visible.
    """
    visible = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if visible < count:
        listed = os.environ.get("CUDA_VISIBLE_DEVICES", "not set")
        raise UserError(
            f"{key} says cuda and needs {count} GPU, and torch sees {visible or 'no GPU'} "
            f"(CUDA_VISIBLE_DEVICES: {listed}); run it where there is one, or say {key}: cpu"
        )
    waiting = False
    while not _take(count, visible):
        if not waiting:
            logging.info("waiting for %d of %d GPUs; other jobs compute on them", count, visible)
        waiting = True
        time.sleep(1)
    return sorted(_taken)[:count]


def _take(count: int, visible: int) -> bool:
    """Whether so many are this process's own now; else it holds no more than before."""
    new = {}
    for number in range(visible):
        if number not in _taken and len(_taken) + len(new) < count:
            lock = (_locks() / _name(number)).open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
            else:
                new[number] = lock
    if len(_taken) + len(new) < count:
        # None is kept: two jobs that each hold one of two would wait for ever.
        for lock in new.values():
            lock.close()
        return False
    _taken.update(new)
    return True


def _locks() -> Path:
    folder = Path(tempfile.gettempdir()) / f"phasegen-gpus-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    return folder


def _name(number: int) -> str:
    """What tells a GPU, or a part of one, from all others of this machine, however it is counted."""
    listed = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    own = listed[number].strip() if number < len(listed) else ""
    known = own if "-" in own else str(torch.cuda.get_device_properties(number).uuid)
    return re.sub(r"[^\w-]", "_", known)


def halving(batch: int, work: Callable[[int], Result]) -> Result:
    """What ``work`` gives for ``batch`` slices at once, or for half as many until memory suffices.

    ``work`` begins anew each time, so that its result is that of one number of slices.

    Raises:
        UserError: a single slice needs more memory than there is.
    """
    while True:
        try:
            return work(batch)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            if batch == 1:
                raise UserError(
                    "a single slice needs more memory than the GPU has; take a larger one, "
                    "a smaller network or smaller images, or say device: cpu"
                ) from error
        # Only here, since the error holds what was in memory.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        logging.warning(
            "the GPU has no memory for %d slices at once; beginning anew with %d", batch, batch // 2
        )
        batch //= 2


def _is_out_of_memory(error: Exception) -> bool:
    # Of a process that shares a training only the text of its error comes here.
    from_another = isinstance(error, ProcessRaisedException) and "OutOfMemoryError" in str(error)
    return from_another or isinstance(error, torch.OutOfMemoryError)
