"""Files from the network: whole and as expected, or not at all."""

import hashlib
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3
from tqdm import tqdm

from phasegen import __version__
from phasegen.errors import UserError, is_full
from phasegen.paths import move_whole
from phasegen.provenance import file_digest
from phasegen.retrieval.part import Part

CHUNK = 1 << 16
LONGEST_PAUSE = 300.0
"""What a server may ask for with Retry-After [s]."""


@dataclass(frozen=True)
class Patience:
    """How long a server may be silent, and the pauses before further tries, all in s."""

    connect: float = 20.0
    read: float = 60.0
    pauses: tuple[float, ...] = (1.0, 5.0, 20.0, 60.0)


PATIENCE = Patience()


class _Refused(Exception):
    """Another try would not help."""


class _Again(Exception):
    """Another try may help, after ``pause`` [s] at least."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


def fetch(
    urls: Sequence[str],
    target: Path,
    sha256: str = "",
    md5: str = "",
    patience: Patience = PATIENCE,
) -> str:
    """Download a file to ``target`` from the first of ``urls`` that gives it; its SHA-256.

    What arrives is kept in a part beside the target, one for each URL, and a later call goes
    on from there as long as the server still has the same file. The target appears once the
    file is whole and has the checksums that are given.

    Raises:
        UserError: no URL gave the file, or gave one with another checksum (a line for each
            URL), or the disk is full, which keeps the part.
    """
    parts = [Part(target, url) for url in urls]
    faults = []
    for part in parts:
        fault = _fill_and_check(part, sha256, md5, patience)
        if not fault:
            found = file_digest(part.path)
            move_whole(part.path, target)
            for done in parts:
                done.drop()
            return found
        faults.append(f"{target}: {part.url}: {fault}")
    raise UserError("\n".join(faults))


def checksum_fault(path: Path, sha256: str, md5: str) -> str:
    """What is wrong with the content of a file; empty if it has the checksums that are given."""
    with path.open("rb") as file:
        for name, expected in {"sha256": sha256, "md5": md5}.items():
            file.seek(0)
            if expected and (found := hashlib.file_digest(file, name).hexdigest()) != expected:
                return f"expected {name} {expected}, found {found}"
    return ""


def _fill_and_check(part: Part, sha256: str, md5: str, patience: Patience) -> str:
    """Why the file of a part cannot be had; empty once it is there."""
    fault = ""
    # Once more from the start after a wrong checksum: bytes may have been damaged on the way.
    for _ in range(2):
        try:
            _fill(part, bool(sha256 or md5), patience)
        except _Refused as refused:
            return str(refused)
        fault = checksum_fault(part.path, sha256, md5)
        if not fault:
            break
        part.drop()
    return fault


def _fill(part: Part, checked: bool, patience: Patience) -> None:
    tries, most = 0, part.size
    while not part.is_whole:
        try:
            _go_on(part, checked, patience)
        except (_Again, requests.RequestException, urllib3.exceptions.HTTPError) as error:
            # A line that breaks often is no reason to give up while more arrives each time.
            if part.size > most:
                tries, most = 0, part.size
            if tries == len(patience.pauses):
                raise _Refused(f"{_reason(error)} ({tries + 1} tries)") from None
            time.sleep(max(patience.pauses[tries], getattr(error, "pause", 0.0)))
            tries += 1


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, _Again) else f"{type(error).__name__}: {text}"


def _go_on(part: Part, checked: bool, patience: Patience) -> None:
    """One request: the rest of a part, or all of it where the server or the part wants that."""
    start = part.start(checked)
    # As it lies there: an encoding would change sizes and offsets.
    headers = {"User-Agent": f"phasegen/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator := part.facts.get("validator"):
            headers["If-Range"] = validator
    timeout = (patience.connect, patience.read)
    with requests.get(part.url, headers=headers, stream=True, timeout=timeout) as response:
        _accept(response, part, start)
        if response.status_code == requests.codes.ok:
            start = 0
            part.begin(_validator(response), _length(response))
        _write(response, part, start)
    if part.facts.get("total") is None:
        part.note(part.facts.get("validator", ""), part.size)
    if not part.is_whole:
        raise _Again(f"{part.size} of {part.facts['total']} bytes")


def _accept(response: requests.Response, part: Part, start: int) -> None:
    """Refuse an answer that is no file, or not the rest of this part."""
    status = response.status_code
    if status in (408, 425, 429) or status >= 500:
        asked = response.headers.get("Retry-After", "")
        pause = min(float(asked), LONGEST_PAUSE) if asked.isdigit() else 0.0
        raise _Again(f"HTTP status {status} {response.reason}", pause)
    if start and status in (206, 416):
        if not _continues(response, part, start):
            part.drop()
            raise _Again("the file has changed on the server, or it gives other parts than asked")
    elif status != requests.codes.ok:
        raise _Refused(f"HTTP status {status} {response.reason}")
    elif "text/html" in response.headers.get("Content-Type", ""):
        raise _Refused("the server sent a web page instead of the file")


def _continues(response: requests.Response, part: Part, start: int) -> bool:
    found = re.match(r"bytes (\d+)-\d+/(\d+|\*)$", response.headers.get("Content-Range", ""))
    validator = _validator(response)
    same = not validator or validator == part.facts.get("validator")
    total = str(part.facts.get("total"))
    return bool(found and same and int(found[1]) == start and found[2] in ("*", total))


def _validator(response: requests.Response) -> str:
    """What tells this version of a file from another: a strong ETag, else the date, else none."""
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified", "")


def _length(response: requests.Response) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _write(response: requests.Response, part: Part, start: int) -> None:
    total = part.facts.get("total")
    full = f"disk full; the part {part.path} is kept: free some space and run again"
    if total is not None and shutil.disk_usage(part.path.parent).free < total - start:
        raise UserError(f"{part.url}: {total - start} bytes are still to come, {full}")
    progress = tqdm(desc=part.name, total=total, initial=start, unit="B", unit_scale=True)
    try:
        with progress, part.path.open("ab") as file:
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                file.write(chunk)
                progress.update(len(chunk))
    except OSError as error:
        if not is_full(error):
            raise
        raise UserError(f"{part.url}: {full}") from None
