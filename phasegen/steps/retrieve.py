"""Have a public data set: download what is missing, check all of it, and write a mark."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from phasegen.errors import UserError
from phasegen.paths import sole_writer, whole_file
from phasegen.provenance import file_digest
from phasegen.retrieval.checksums import read_checksums, write_checksums
from phasegen.retrieval.download import PATIENCE, Patience, checksum_fault, fetch
from phasegen.retrieval.unpack import unpack
from phasegen.settings import DataFile, Datasets
from phasegen.sources.base import BadFile

logger = logging.getLogger(__name__)


def retrieve(
    files: Sequence[DataFile], datasets: Datasets, patience: Patience = PATIENCE
) -> dict[str, int]:
    """Have all ``files`` of one data set below ``datasets.folder``; sizes [byte] by path.

    What is there already is checked and kept, whoever put it there, and then nothing touches
    the network. ``NAME.sha256`` beside the folder of the data set gets the checksum of every
    file, which is demanded ever after; the mark of the data set is written last. A second
    call for the same data set waits for the first.

    Raises:
        UserError: files that are by agreement or by hand are not there (told before any
            download), a file cannot be had, or one is not what it should be.
    """
    name = files[0].name
    folder = Path(datasets.folder)
    record = folder / f"{name}.sha256"
    with sole_writer(folder / name, wait=True):
        _require_placed(files, folder / name)
        known = read_checksums(record)
        for file in files:
            known = _others(file, known) | _have(file, folder, known, patience)
            write_checksums(record, known)
        found = {path: (folder / path).stat().st_size for path in _listed(files, folder)}
        content = {
            "name": name,
            "version": files[0].version,
            "files": [{"path": p, "bytes": n, "sha256": known.get(p)} for p, n in found.items()],
        }
        with whole_file(datasets.mark(name)) as partial:
            partial.write_text(json.dumps(content, indent=1) + "\n")
    return found


def _require_placed(files: Sequence[DataFile], home: Path) -> None:
    missing = [file for file in files if file.by_hand and not _is_placed(file, home)]
    if not missing:
        return
    first = missing[0]
    how = "is given by agreement" if first.url == "by agreement" else "has no download of its own"
    names = ", ".join(file.file for file in missing if file.file)
    what = f"its files {names}" if names else "its files, unpacked,"
    note = f" ({first.notes})" if first.notes else ""
    raise UserError(
        f"data set {first.name!r} {how}: see {first.page}, then put {what} into "
        f"{home.resolve()} and run again{note}"
    )


def _is_placed(file: DataFile, home: Path) -> bool:
    if not file.file:
        return bool(_regular(home))
    return (home / file.file).exists() or (home / file.content).exists()


def _have(
    file: DataFile, folder: Path, known: dict[str, str], patience: Patience
) -> dict[str, str]:
    """Checksums of what a row of the registry stands for, once it is there and right."""
    source = f"{file.name}/{file.file}"
    target, content = folder / source, folder / file.name / file.content
    if not file.file:
        return {}
    if not file.is_archive:
        return {source: _obtain(file, target, known.get(source, ""), patience)}
    # An archive that was fetched is hidden, so that it is known from one that a user put there.
    fetched = target.with_name(f".{target.name}")
    if content.exists():
        digests = _unpacked(content, folder)
        _require_unchanged(file, folder, digests, known)
        digests |= {source: known[source]} if source in known else {}
    else:
        archive = target if target.exists() else fetched
        found = _obtain(file, archive, known.get(source, ""), patience)
        unpack(archive, content)
        digests = _unpacked(content, folder) | {source: found}
    fetched.unlink(missing_ok=True)
    return digests


def _obtain(file: DataFile, target: Path, known: str, patience: Patience) -> str:
    """SHA-256 of a file that is there, or is fetched now; ``known`` is that of the last time."""
    sha256 = file.sha256 or known
    if not target.exists():
        if known and not file.sha256:
            logger.info("%s: the checksum of its first download is demanded", target)
        urls = [url for url in (file.url, file.archive_url) if url]
        return fetch(urls, target, sha256, file.md5, patience)
    if fault := checksum_fault(target, sha256, file.md5):
        remedy = "replace it" if file.by_hand else "delete it to have it fetched anew"
        if not file.sha256:
            remedy += f", or delete its line in {file.name}.sha256 to take it as it is"
        raise BadFile(target, fault, remedy)
    return file_digest(target)


def _unpacked(content: Path, folder: Path) -> dict[str, str]:
    """Checksums of the files of an unpacked archive by their paths below ``folder``."""
    progress = tqdm(_regular(content), f"check {content}", unit="file")
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in progress}


def _require_unchanged(
    file: DataFile, folder: Path, digests: dict[str, str], known: dict[str, str]
) -> None:
    content = folder / file.name / file.content
    remedy = f"delete {content} to have it fetched anew"
    source = known.get(f"{file.name}/{file.file}", "")
    if source and file.sha256 and source != file.sha256:
        raise BadFile(content, "comes from an archive that the table no more names", remedy)
    before = known.keys() - _others(file, known).keys() - {f"{file.name}/{file.file}"}
    faults = [
        BadFile(folder / name, "has changed" if name in digests else "is missing", remedy)
        for name in sorted(before)
        if digests.get(name) != known[name]
    ]
    if faults:
        raise UserError("\n".join(map(str, faults)))


def _others(file: DataFile, known: dict[str, str]) -> dict[str, str]:
    """Of the checksums of a data set those that are no concern of ``file``."""
    source, content = (f"{file.name}/{place}" for place in (file.file, file.content))
    return {n: d for n, d in known.items() if n != source and not n.startswith(f"{content}/")}


def _listed(files: Sequence[DataFile], folder: Path) -> list[str]:
    """Paths of all files of a data set, below ``folder``."""
    places = [folder / file.name / file.content for file in files]
    found = {path for place in places for path in ([place] if place.is_file() else _regular(place))}
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _regular(folder: Path) -> list[Path]:
    """Files below a folder that are not hidden."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(
        p for p in found if not any(q.startswith(".") for q in p.relative_to(folder).parts)
    )
