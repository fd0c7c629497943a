"""Sealed stores opened by their URL: the same numbers as from a folder, or an error."""

import pickle

import numpy as np
import pytest

from phasegen.cli import main
from phasegen.data.loading import loader
from phasegen.data.stored import StoredSlices
from phasegen.errors import UserError
from phasegen.steps.verify import verify
from phasegen.store import places
from phasegen.store.lazy import lazy
from phasegen.store.places import Unreachable
from phasegen.store.reading import open_store, provenance, read_index
from phasegen.store.seal import DamagedStore

from ..sealed import complex_slices, seal_slices

pytestmark = pytest.mark.objects

SHARD = "images.zarr/c/1/0/0/0"


@pytest.fixture
def values():
    return complex_slices(10, size=16)


@pytest.fixture
def local(values, tmp_path):
    return seal_slices(tmp_path / "images.zarr", "images", values, 4)


@pytest.fixture
def url(local, bucket):
    return bucket.upload(local, "some/images.zarr")


def loaded(store):
    batches = loader(StoredSlices([store]), batch=3, seed=1)
    return [(v.numpy(), rows.tolist()) for v, rows in batches]


def test_a_url_reads_as_a_folder(url, local, values):
    assert np.array_equal(open_store(url)[:], values)
    assert np.array_equal(lazy(url).compute(), values)
    assert read_index(url).equals(read_index(local))
    assert provenance(url) == provenance(local)


def test_the_loader_gives_the_same_batches(url, local):
    for (found, rows), (due, due_rows) in zip(loaded(url), loaded(local), strict=True):
        assert rows == due_rows and np.array_equal(found, due)


def test_commands_take_a_url(url, local, capsys, tmp_path):
    # The one fault is of the helper that made the store.
    fault = "index.parquet: has no column 'operation'"
    assert verify(url) == verify(local) == [fault]
    assert main(["info", url]) == 0
    of_url = capsys.readouterr().out
    assert main(["info", str(local)]) == 0
    assert of_url.splitlines()[1:] == capsys.readouterr().out.splitlines()[1:]
    assert main(["show", url, "-o", str(tmp_path / "sheet.png")]) == 0
    assert (tmp_path / "sheet.png").stat().st_size


def test_a_dataset_goes_to_other_processes(url, values):
    """As a loader with workers sends it."""
    sent = pickle.loads(pickle.dumps(StoredSlices([url])))
    assert np.array_equal(sent[3][0].numpy(), values[3])


def written(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.cfl")}


def test_exports_and_quantised_forms_are_those_of_a_folder(url, local, tmp_path):
    for store, name in ((url, "of_url"), (str(local), "of_folder")):
        assert main(["export", store, "-o", str(tmp_path / name), "--to", "bart"]) == 0
        assert main(["quantise", store, "-o", str(tmp_path / f"{name}.zarr")]) == 0
    assert written(tmp_path / "of_url") == written(tmp_path / "of_folder") != {}
    quantised = [open_store(tmp_path / f"{name}.zarr")[:] for name in ("of_url", "of_folder")]
    assert np.array_equal(*quantised)


@pytest.mark.parametrize("read", [lambda s: open_store(s)[:], lambda s: lazy(s).compute(), loaded])
def test_a_missing_shard_is_no_shard_of_zeros(read, url, local, bucket):
    bucket.delete(f"some/{SHARD}")
    (local / "c/1/0/0/0").unlink()
    for store in (url, local):
        with pytest.raises(DamagedStore, match=str(store)):
            read(store)
    assert main(["verify", url]) == 1


def test_a_changed_byte_is_found(url, local, bucket, capsys):
    changed = bytearray((local / "c/1/0/0/0").read_bytes())
    changed[100] ^= 1
    bucket.client.put_object(Bucket="bucket", Key=f"some/{SHARD}", Body=bytes(changed))
    with pytest.raises(DamagedStore, match=url):
        loaded(url)
    with pytest.raises(DamagedStore, match=url):
        lazy(url).compute()
    assert main(["verify", url]) == 1
    assert f"error: {url}: c/1/0/0/0: row 4 has changed" in capsys.readouterr().err


@pytest.mark.parametrize("read", [lambda s: open_store(s)[:], lambda s: lazy(s).compute()])
def test_a_connection_cut_once_is_made_again(read, url, values, proxy):
    proxy.order("GET", SHARD, after=500)
    assert np.array_equal(read(url), values)
    assert len(proxy.cut) == 1


def test_the_loader_survives_a_cut_connection(url, local, proxy):
    proxy.order("GET", SHARD, after=500)
    for (found, rows), (due, due_rows) in zip(loaded(url), loaded(local), strict=True):
        assert rows == due_rows and np.array_equal(found, due)
    assert len(proxy.cut) == 1


@pytest.mark.parametrize("read", [lambda s: open_store(s)[:], lambda s: lazy(s).compute(), loaded])
def test_connections_that_are_always_cut_end_in_an_error(read, url, proxy, monkeypatch):
    proxy.order("GET", SHARD, after=500, times=1000)
    with pytest.raises(Unreachable, match=url):
        read(url)
    assert len(proxy.cut) > 1


def test_what_is_refused_says_so(url, proxy, capsys):
    proxy.order("GET", "zarr.json", after=-1, times=1000)
    assert main(["verify", url]) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1 and f"{url}/zarr.json" in error


def test_a_store_that_is_not_there(bucket, proxy, capsys):
    for url in ("s3://bucket/none.zarr", "s3://nobucket/none.zarr"):
        with pytest.raises(FileNotFoundError, match=url):
            open_store(url)
        for command in ("verify", "info"):
            assert main([command, url]) == 1
            error = capsys.readouterr().err
            assert len(error.splitlines()) == 1 and url in error


def test_a_server_that_is_gone(url, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert main(["info", url]) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1 and url in error


def test_a_missing_package_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UserError, match=r"pip install 'phasegen\[s3\]'"):
        open_store("s3://bucket/images.zarr")


@pytest.mark.parametrize("url", ["gs://bucket/a.zarr", "https://a/b.zarr", "s3://bucket", "s3://"])
def test_other_urls_are_refused(url):
    with pytest.raises(UserError, match="s3://BUCKET/PATH"):
        places.place(url)
