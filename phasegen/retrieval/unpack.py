"""Archives of files that may be hostile: looked through by name and size, then unpacked."""

import lzma
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from phasegen.paths import move_whole, staging_folder
from phasegen.sources.base import BadFile

RATIO = 200
"""Bytes that a byte of an archive may unpack to; beyond `SMALL` more is taken for a bomb."""
SMALL = 1 << 30
MEMBERS = 1_000_000
PADDING = 1 << 20
BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
    *(EOFError, OSError, NotImplementedError, UnicodeError),
)
# Absolute (also as on Windows), upwards, with a backslash or a control character.
ESCAPES = re.compile(r"^/|^[A-Za-z]:|(^|/)\.\.(/|$)|[\\\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Member:
    """What an archive says of one of its members."""

    name: str
    bytes: int
    kind: Literal["file", "folder", "link", "special file", "locked file"]


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a .zip or .tar (.gz, .bz2, .xz) into ``folder``, which appears once it is whole.

    Files and folders only, all of them below ``folder``; links are refused even where they
    stay inside, since checks of their targets have been got round before.

    Raises:
        BadFile: the archive is broken, has members that would lie outside or are no files,
            or unpacks to more than the disk has free or than such data do; nothing was
            written where the names or sizes show it.
    """
    is_zip = archive.name.lower().endswith(".zip")
    staging = folder.with_name(f".{folder.name}.unpacking")
    try:
        count = _look_through(archive, _zip_members(archive) if is_zip else _tar_members(archive))
        with staging_folder(staging):
            (_unpack_zip if is_zip else _unpack_tar)(archive, staging, count)
            move_whole(staging, folder)
    except BROKEN as error:
        reason = f"cannot be unpacked: {error or type(error).__name__}"
        raise BadFile(archive, reason, "delete it and fetch it again, if it is broken") from None


def _look_through(archive: Path, members: Iterator[Member]) -> int:
    """Number of members, all of them harmless; looks no further than the first that is not."""
    remedy = f"if you trust it, unpack it yourself beside it, into {archive.parent}"
    size = archive.stat().st_size
    free = shutil.disk_usage(archive.parent).free
    count = total = 0
    for member in members:
        count, total = count + 1, total + member.bytes
        if ESCAPES.search(member.name):
            raise BadFile(archive, f"the member {member.name!r} would lie outside its folder")
        if member.kind not in ("file", "folder"):
            raise BadFile(archive, f"the member {member.name!r} is a {member.kind}", remedy)
        if total > max(SMALL, RATIO * size) or count > MEMBERS:
            reason = f"{count} members of {total} bytes and more in an archive of {size}: a bomb?"
            raise BadFile(archive, reason, remedy)
        if total > free:
            raise BadFile(archive, f"unpacks to {total} bytes and more, {free} are free on disk")
    if not count:
        raise BadFile(archive, "an empty archive")
    return count


def _zip_members(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            # What made the archive on Unix put the mode into the upper half.
            mode = stat.S_IFMT(info.external_attr >> 16)
            kind = "folder" if info.is_dir() else "file"
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
                kind = "link" if stat.S_ISLNK(mode) else "special file"
            elif info.flag_bits & 1:
                kind = "locked file"
            # The name as it is in the archive; the other one ends at a zero byte.
            yield Member(info.orig_filename, info.file_size, kind)


def _tar_members(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive) as file:
        for info in file:
            kind = "folder" if info.isdir() else "file"
            if info.issym() or info.islnk():
                kind = "link"
            elif not (info.isdir() or info.isreg()) or info.issparse():
                kind = "special file"
            yield Member(info.name, info.size, kind)
        # One zero block ended the loop, or what could not be read; only a whole file has two.
        if file.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("it ends early, or is damaged in the middle")
        # What is left is padding; at its end a compressed file tells whether it is sound.
        file.fileobj.read(PADDING)


def _unpack_zip(archive: Path, folder: Path, count: int) -> None:
    with zipfile.ZipFile(archive) as file:
        for info in tqdm(file.infolist(), f"unpack {archive.name}", count):
            file.extract(info, folder)


def _unpack_tar(archive: Path, folder: Path, count: int) -> None:
    with tarfile.open(archive) as file:
        for info in tqdm(file, f"unpack {archive.name}", count):
            file.extract(info, folder, set_attrs=False, filter="data")
