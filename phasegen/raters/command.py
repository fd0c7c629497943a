"""A rater's command, run on one volume in a scratch folder."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from phasegen.raters.files import write_volume
from phasegen.raters.rating import Rating
from phasegen.settings import Rater
from phasegen.sources.base import BadFile
from phasegen.sources.nifti import NiftiReader


class Refused(Exception):
    """The program ran and gave no mask that can be used; says why."""


def rate_by_command(rater: Rater, volume: np.ndarray, spacing_mm: Sequence[float]) -> Rating:
    """Mask of one volume by a rater's command; what goes wrong is in the status, never raised.

    Args:
        volume: magnitude, float32 (slice, y, x), anterior row first, inferior slice first.
        spacing_mm: voxel (slice, y, x) [mm].
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="phasegen-rater-") as scratch:
        source, folder = Path(scratch) / "volume.nii.gz", Path(scratch) / "out"
        folder.mkdir()
        write_volume(source, volume, spacing_mm)
        words = _words(rater, source, folder)
        program = shutil.which(words[0])
        if program is None:
            return Rating("missing", f"{words[0]}: no such program")
        try:
            _run([program, *words[1:]], rater.seconds, Path(scratch) / "stderr")
            mask = _read(folder, volume.shape)
        except (Refused, BadFile) as error:
            reason = error.reason if isinstance(error, BadFile) else str(error)
            return Rating("failed", reason, time.monotonic() - start)
    return Rating("used", "", time.monotonic() - start, mask)


def _words(rater: Rater, source: Path, folder: Path) -> list[str]:
    words = rater.words(str(source), str(folder / "mask.nii.gz"), str(folder))
    if rater.environment:
        place = "--prefix" if "/" in rater.environment else "--name"
        return ["conda", "run", "--no-capture-output", place, rater.environment, *words]
    return words


def _run(words: list[str], seconds: float, errors: Path) -> None:
    """Run to the end, or to the time limit, when all that it started ends with it."""
    with errors.open("wb") as stderr:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        except OSError as error:
            raise Refused(f"{words[0]} cannot be started: {error.strerror}") from None
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Refused(f"not done after {seconds:g} s") from None
        finally:
            _end(process)
    if code:
        raise Refused(_last_line(errors) or f"exit status {code}")


def _end(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(errors: Path) -> str:
    lines = [line.strip() for line in errors.read_text(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")


def _read(folder: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The one mask that lies in the folder."""
    found = sorted(path for path in folder.iterdir() if path.name.endswith((".nii", ".nii.gz")))
    if (named := folder / "mask.nii.gz") in found:
        found = [named]
    if not found:
        raise Refused("it wrote no mask")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise Refused(f"it wrote {names}, and one mask is needed")
    mask = NiftiReader().read_mask(found[0])
    if mask.shape != shape:
        raise Refused(f"its mask has shape {mask.shape}, the volume {shape}")
    if not mask.any():
        raise Refused("its mask is empty")
    return mask
