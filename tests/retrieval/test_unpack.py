"""Archives unpack below their folder, whole, or are refused before anything is written."""

import io
import stat
import tarfile
import zipfile

import pytest

from phasegen.retrieval.unpack import unpack
from phasegen.sources.base import BadFile

FILES = {"set/a.nii": b"a" * 100, "set/deep/b.nii": b"b" * 50_000, "c d.txt": b""}
TARS = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.xz": "w:xz", ".tar.bz2": "w:bz2"}


def write_zip(path, files, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_tar(path, files, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            if info is not content:
                info.size = len(content)
            archive.addfile(info, None if info is content else io.BytesIO(content))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def assert_refused(archive, reason):
    folder = archive.parent / "out"
    with pytest.raises(BadFile, match=reason) as error:
        unpack(archive, folder)
    assert str(error.value).startswith(str(archive))
    assert len(str(error.value).splitlines()) == 1
    assert list(archive.parent.iterdir()) == [archive]


@pytest.mark.parametrize("suffix", [".zip", ".ZIP", *TARS])
def test_what_was_packed_comes_out(tmp_path, suffix):
    path = tmp_path / f"set{suffix}"
    if suffix in TARS:
        write_tar(path, FILES, TARS[suffix])
    else:
        write_zip(path, FILES)
    unpack(path, tmp_path / "out")
    found = {p.relative_to(tmp_path / "out").as_posix(): p for p in tmp_path.glob("out/**/*")}
    assert {name: p.read_bytes() for name, p in found.items() if p.is_file()} == FILES
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["out", path.name])


ESCAPES = ["/etc/evil", "../evil", "a/../../evil", "a/..", "C:evil", "a\\..\\evil", "a\nb"]


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize("suffix", ["zip", "tar"])
def test_a_member_that_would_escape_is_refused_by_name(tmp_path, suffix, name):
    write = {"zip": write_zip, "tar": write_tar}[suffix]
    archive = write(tmp_path / f"set.{suffix}", {"good": b"good", name: b"evil"})
    assert_refused(archive, "would lie outside its folder")


def test_a_name_with_a_zero_byte_is_refused(tmp_path):
    archive = write_zip(tmp_path / "set.zip", {"evil": b""})
    archive.write_bytes(archive.read_bytes().replace(b"evil", b"a\x00xy"))
    assert_refused(archive, "would lie outside its folder")


@pytest.mark.parametrize(
    ("kind", "target", "reason"),
    [
        (tarfile.SYMTYPE, "/etc/passwd", "is a link"),
        (tarfile.SYMTYPE, "good", "is a link"),
        (tarfile.LNKTYPE, "../good", "is a link"),
        (tarfile.CHRTYPE, "", "is a special file"),
        (tarfile.FIFOTYPE, "", "is a special file"),
    ],
)
def test_links_and_devices_are_refused_by_name(tmp_path, kind, target, reason):
    members = {"good": b"good", "odd": special("odd", kind, target)}
    assert_refused(write_tar(tmp_path / "set.tar", members), f"'odd' {reason}")


def test_a_link_in_a_zip_is_refused_by_name(tmp_path):
    path = tmp_path / "set.zip"
    info = zipfile.ZipInfo("odd")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert_refused(path, "'odd' is a link")


def test_a_locked_zip_is_refused_by_name(tmp_path):
    path = write_zip(tmp_path / "set.zip", {"a": b"a"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert_refused(path, "'a' is a locked file")


@pytest.mark.parametrize("suffix", ["zip", "tar.gz"])
def test_a_bomb_is_refused(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr("phasegen.retrieval.unpack.SMALL", 1000)
    files = {"zeros": bytes(10_000_000)}
    path = tmp_path / f"set.{suffix}"
    write_zip(path, files) if suffix == "zip" else write_tar(path, files, "w:gz")
    assert_refused(path, "a bomb")


def test_a_size_that_is_only_declared_is_believed_before_the_rest_is_read(tmp_path):
    """A header is enough: nothing of a member of a petabyte has to be inflated."""
    huge = tarfile.TarInfo("huge")
    huge.size = 10**15
    path = tmp_path / "set.tar"
    path.write_bytes(huge.tobuf(tarfile.GNU_FORMAT))
    assert_refused(path, "a bomb")


def test_what_does_not_fit_on_the_disk_is_refused(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "set.zip", FILES)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1000}))
    assert_refused(path, "50100 bytes and more, 1000 are free")


@pytest.mark.parametrize("suffix", [".zip", *TARS])
@pytest.mark.parametrize("damage", ["cut", "half", "other", "empty"])
def test_a_broken_archive_is_refused(tmp_path, suffix, damage):
    path = tmp_path / f"set{suffix}"
    write_tar(path, FILES, TARS[suffix]) if suffix in TARS else write_zip(path, FILES)
    content = path.read_bytes()
    # In a plain tar zeros fill up the end, and the last member is the empty file.
    size = {"cut": len(content) - 9 * (1 + 1000 * (suffix == ".tar")), "half": len(content) // 2}
    path.write_bytes(
        {"other": b"<html>" * 99, "empty": b""}.get(damage, content[: size.get(damage)])
    )
    assert_refused(path, "cannot be unpacked")


def test_an_archive_without_members_is_refused(tmp_path):
    assert_refused(write_zip(tmp_path / "set.zip", {}), "an empty archive")


def test_a_wrong_byte_in_a_zip_leaves_nothing(tmp_path):
    path = write_zip(tmp_path / "set.zip", {"a": b"a", "b": bytes(range(256)) * 50})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") - 20] ^= 255
    path.write_bytes(content)
    assert_refused(path, "cannot be unpacked")
