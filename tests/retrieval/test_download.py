"""A file arrives whole and right, or not at all, whatever the server does."""

import errno
import hashlib
import shutil

import numpy as np
import pytest

from phasegen.errors import UserError
from phasegen.retrieval.download import Patience, fetch

from ..file_server import Fault, serving

CONTENT = np.random.default_rng(0).bytes(1_000_000)
OTHER = np.random.default_rng(1).bytes(1_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()
PATIENCE = Patience(connect=2, read=0.3, pauses=(0, 0.01, 0.02))


@pytest.fixture
def server():
    with serving() as server:
        server.files["file"] = CONTENT
        server.tags["file"] = '"first"'
        yield server


def get(server, folder, *names, **checksums):
    urls = [server.url(name) for name in names or ("file",)]
    return fetch(urls, folder / "file", patience=PATIENCE, **checksums)


def assert_only_whole(folder, content=CONTENT):
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert (folder / "file").read_bytes() == content


@pytest.mark.parametrize("checksums", [{}, {"sha256": SHA256}, {"md5": MD5}], ids=str)
def test_a_file_arrives_and_nothing_else_is_left(server, tmp_path, checksums):
    assert get(server, tmp_path, **checksums) == SHA256
    assert_only_whole(tmp_path)
    assert server.served == len(CONTENT)


@pytest.mark.parametrize("fault", [Fault(cut_after=500_000), Fault(stall_after=500_000)], ids=str)
def test_a_cut_or_a_stall_goes_on_where_it_was(server, tmp_path, fault):
    server.faults = [fault]
    assert get(server, tmp_path) == SHA256
    assert_only_whole(tmp_path)
    assert len(server.asked) == 2
    start = int(server.asked[1]["Range"].removeprefix("bytes=").removesuffix("-"))
    assert start > 400_000, "all but the last chunk is kept"
    assert server.asked[1]["If-Range"] == '"first"'
    assert server.served < 1.2 * len(CONTENT)


def test_many_cuts_are_no_reason_to_give_up_while_more_arrives(server, tmp_path):
    server.faults = [Fault(cut_after=100_000) for _ in range(9)]
    assert get(server, tmp_path) == SHA256
    assert_only_whole(tmp_path)


def test_a_part_is_kept_for_the_next_run(server, tmp_path):
    server.faults = [Fault(cut_after=600_000), *(Fault(status=503) for _ in range(4))]
    with pytest.raises(UserError, match=r"HTTP status 503 .*\(4 tries\)"):
        get(server, tmp_path)
    assert not (tmp_path / "file").exists()
    before = server.served
    assert get(server, tmp_path) == SHA256
    assert_only_whole(tmp_path)
    assert server.served - before < 0.5 * len(CONTENT)


def test_a_whole_part_needs_no_server(server, tmp_path, monkeypatch):
    def killed(*paths):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("phasegen.retrieval.download.move_whole", killed)
        with pytest.raises(KeyboardInterrupt):
            get(server, tmp_path)
    assert get(server, tmp_path) == SHA256
    assert_only_whole(tmp_path)
    assert len(server.asked) == 1


@pytest.mark.parametrize("if_range", [True, False])
def test_a_changed_file_is_not_glued_to_an_old_part(server, tmp_path, if_range):
    server.if_range = if_range
    server.faults = [Fault(cut_after=600_000), *(Fault(status=503) for _ in range(4))]
    with pytest.raises(UserError):
        get(server, tmp_path)
    server.files["file"], server.tags["file"] = OTHER, '"second"'
    get(server, tmp_path)
    assert_only_whole(tmp_path, OTHER)


@pytest.mark.parametrize("content", [OTHER, OTHER + b"more"], ids=["same size", "other size"])
def test_without_a_version_only_a_checksum_allows_a_part(server, tmp_path, content):
    server.tags.clear()
    server.faults = [Fault(cut_after=600_000), *(Fault(status=503) for _ in range(4))]
    with pytest.raises(UserError):
        get(server, tmp_path)
    server.files["file"] = content
    get(server, tmp_path)
    assert_only_whole(tmp_path, content)


def test_with_a_checksum_a_part_without_a_version_is_gone_on_with(server, tmp_path):
    server.tags.clear()
    server.faults = [Fault(cut_after=600_000)]
    get(server, tmp_path, sha256=SHA256)
    assert server.asked[1]["Range"]
    assert_only_whole(tmp_path)


def test_a_server_without_ranges_is_asked_from_the_start(server, tmp_path):
    server.ranges = False
    server.faults = [Fault(cut_after=600_000)]
    assert get(server, tmp_path) == SHA256
    assert_only_whole(tmp_path)
    assert len(server.asked) == 2


@pytest.mark.parametrize("checksum", ["sha256", "md5"])
def test_a_wrong_byte_is_fetched_again_from_the_start(server, tmp_path, checksum):
    server.faults = [Fault(wrong_byte=7)]
    assert get(server, tmp_path, **{checksum: {"sha256": SHA256, "md5": MD5}[checksum]}) == SHA256
    assert_only_whole(tmp_path)
    assert [answer["Range"] for answer in server.asked] == [None, None]


def test_a_file_that_stays_wrong_is_told_with_both_hashes(server, tmp_path):
    server.files["file"] = OTHER
    with pytest.raises(UserError) as error:
        get(server, tmp_path, sha256=SHA256)
    for word in (server.url("file"), SHA256, hashlib.sha256(OTHER).hexdigest()):
        assert word in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_in_trouble_is_asked_again(server, tmp_path, status):
    server.faults = [Fault(status=status, headers={"Retry-After": "0"})]
    assert get(server, tmp_path) == SHA256


def test_a_file_that_is_not_there_is_not_asked_for_again(server, tmp_path):
    with pytest.raises(UserError, match="HTTP status 404 Not Found"):
        get(server, tmp_path, "nowhere")
    assert len(server.asked) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", ["nowhere", "wrong", "page"])
def test_the_archive_url_steps_in(server, tmp_path, broken):
    server.files |= {"wrong": OTHER, "page": CONTENT}
    if broken == "page":
        server.faults = [Fault(headers={"Content-Type": "text/html; charset=utf-8"})]
    assert get(server, tmp_path, broken, "file", sha256=SHA256) == SHA256
    assert_only_whole(tmp_path)
    assert server.asked[-1]["name"] == "file"


def test_all_urls_are_told(server, tmp_path):
    with pytest.raises(UserError) as error:
        get(server, tmp_path, "nowhere", "gone")
    first, second = str(error.value).splitlines()
    assert server.url("nowhere") in first
    assert server.url("gone") in second


def test_a_dead_server_is_told(server, tmp_path):
    with serving() as other:
        url = other.url("file")
    with pytest.raises(UserError, match="ConnectionError"):
        fetch([url], tmp_path / "file", patience=PATIENCE)


def test_a_length_that_is_too_long_is_told(server, tmp_path):
    server.faults = [Fault(length=2_000_000) for _ in range(20)]
    with pytest.raises(UserError, match="tries"):
        get(server, tmp_path)
    assert not (tmp_path / "file").exists()


def test_a_length_that_is_too_short_is_found_by_the_checksum(server, tmp_path):
    server.faults = [Fault(length=900_000)]
    assert get(server, tmp_path, sha256=SHA256) == SHA256
    assert_only_whole(tmp_path)


def test_an_unasked_range_is_refused(server, tmp_path):
    server.faults = [Fault(cut_after=600_000), Fault(status=416)]
    assert get(server, tmp_path) == SHA256
    assert_only_whole(tmp_path)


def test_an_empty_file_is_a_file(server, tmp_path):
    server.files["file"] = b""
    server.faults = [Fault(status=200)]
    assert get(server, tmp_path) == hashlib.sha256(b"").hexdigest()


def test_a_disk_without_room_is_told_before_the_download(server, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(UserError, match=r"1000000 bytes are still to come, disk full"):
        get(server, tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".json"]


def test_a_disk_that_gets_full_keeps_the_part(server, tmp_path, monkeypatch):
    class Full:
        def __init__(self, *args, **options):
            self.written = 0

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def update(self, count):
            self.written += count
            if self.written > 500_000:
                raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("phasegen.retrieval.download.tqdm", Full)
        with pytest.raises(UserError, match=r"disk full; the part .* is kept"):
            get(server, tmp_path)
    assert get(server, tmp_path) == SHA256
    assert server.asked[1]["Range"]
    assert_only_whole(tmp_path)
