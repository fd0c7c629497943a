import h5py
import numpy as np
import pytest

from phasegen.sources.base import BadFile
from phasegen.sources.hdf5 import find, opened, refuse_claims, text

SECRET = np.full((3, 12, 10), 7 + 7j, np.complex64)


@pytest.fixture
def elsewhere(tmp_path):
    path = tmp_path / "elsewhere.h5"
    with h5py.File(path, "w") as file:
        file["kspace"] = SECRET
        file["dataset/data"] = SECRET
    return path


def external_link(file, elsewhere):
    file["kspace"] = h5py.ExternalLink(str(elsewhere), "/kspace")


def soft_link_through_an_external_one(file, elsewhere):
    file["door"] = h5py.ExternalLink(str(elsewhere), "/")
    file["kspace"] = h5py.SoftLink("/door/kspace")


def link_to_nowhere(file, elsewhere):
    file["kspace"] = h5py.SoftLink("/gone")


def soft_link_inside(file, elsewhere):
    file["data"] = SECRET
    file["kspace"] = h5py.SoftLink("/data")


def virtual(file, elsewhere):
    layout = h5py.VirtualLayout(SECRET.shape, SECRET.dtype)
    layout[:] = h5py.VirtualSource(str(elsewhere), "kspace", SECRET.shape)
    file.create_virtual_dataset("kspace", layout)


def external_storage(file, elsewhere):
    where = [(str(elsewhere), 0, SECRET.nbytes)]
    file.create_dataset("kspace", SECRET.shape, SECRET.dtype, external=where)


LINKS = [external_link, soft_link_through_an_external_one, link_to_nowhere, soft_link_inside]
WAYS_OUT = [(way, "'kspace' is a link") for way in LINKS]
WAYS_OUT += [(way, "'kspace' lie in another file") for way in (virtual, external_storage)]


@pytest.mark.parametrize(("way", "reason"), WAYS_OUT)
def test_no_way_leads_out_of_the_file(tmp_path, elsewhere, way, reason):
    path = tmp_path / "v.h5"
    with h5py.File(path, "w") as file:
        way(file, elsewhere)
    with opened(path) as file, pytest.raises(BadFile, match=rf"v\.h5: .*{reason}"):
        find(file, "kspace", path)


def test_what_is_stored_inside_is_found(write_h5, kspace):
    path = write_h5("v.h5", **{"group/kspace": kspace})
    with opened(path) as file:
        group = find(file, "group", path)
        np.testing.assert_array_equal(find(group, "kspace", path)[()], kspace)
        assert find(file, "other", path) is None


@pytest.mark.parametrize(
    "storage",
    [{}, {"chunks": (1, 1000, 1000)}, {"chunks": (1, 1000, 1000), "compression": "gzip"}],
)
def test_more_than_was_written_is_refused(tmp_path, storage):
    path = tmp_path / "v.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("kspace", (100, 1000, 1000), "c8", **storage)
        if storage:
            data[3] = 1
    assert path.stat().st_size < 9e6
    with opened(path) as file, pytest.raises(BadFile, match=r"not all of 'kspace', .* written"):
        refuse_claims(find(file, "kspace", path), path)


@pytest.mark.parametrize(
    "storage",
    [{}, {"chunks": (2, 5, 7)}, {"chunks": (2, 5, 7), "compression": "gzip"}, {"dtype": "c16"}],
)
def test_what_is_whole_is_not_refused(tmp_path, kspace, storage):
    path = tmp_path / "v.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("kspace", data=kspace, **storage)
    with opened(path) as file:
        refuse_claims(find(file, "kspace", path), path)


@pytest.mark.parametrize("value", ["äöü", ["äöü"], np.bytes_("äöü".encode())])
def test_text_is_one_string(write_h5, value):
    with opened(write_h5("v.h5", xml=value)) as file:
        assert text(file["xml"]) == "äöü"


@pytest.mark.parametrize("value", [["a", "b"], 3.0, np.zeros((2, 2))])
def test_other_things_are_no_text(write_h5, value):
    with opened(write_h5("v.h5", xml=value)) as file, pytest.raises(ValueError, match="one string"):
        text(file["xml"])


def test_damage_met_while_open_names_the_file(write_h5, kspace):
    path = write_h5("v.h5", kspace=kspace)
    with pytest.raises(BadFile, match=r"v\.h5: damaged inside: bad heap"), opened(path):
        raise OSError("bad heap")
