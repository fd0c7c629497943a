"""ISMRMRD: what the package reads, and what its own reconstruction makes of it."""

import shutil
import subprocess

import ismrmrd
import numpy as np
import pytest

from phasegen.fourier import to_image
from phasegen.sources.ismrmrd_xml import parse
from phasegen.steps.export import export

from .conftest import names

RECONSTRUCT = "ismrmrd_recon_cartesian_2d"


def readouts(path):
    with ismrmrd.Dataset(path, mode="r") as file:
        header = ismrmrd.xsd.CreateFromDocument(file.read_xml_header())
        return header, [file.read_acquisition(n) for n in range(file.number_of_acquisitions())]


def test_the_package_reads_every_readout(make_store, tmp_path):
    store, data = make_store(coils=2)
    export(store, tmp_path / "out", "ismrmrd")
    header, found = readouts(tmp_path / "out" / "sub-2_GRE.h5")
    assert len(found) == 3 * 10
    kspace = np.zeros((3, 2, 12, 10), np.complex64)
    for readout in found:
        assert readout.data.shape == (2, 12)
        kspace[readout.idx.slice, :, :, readout.idx.kspace_encode_step_1] = readout.data
        assert readout.center_sample == 6
        assert readout.user_int[0] == readout.idx.slice + 3
    np.testing.assert_array_equal(kspace, data[5:])
    encoding = header.encoding[0]
    size = encoding.encodedSpace.matrixSize
    assert (size.x, size.y, size.z) == (12, 10, 1)
    assert encoding.encodingLimits.kspace_encoding_step_1.center == 5
    assert encoding.encodingLimits.slice.maximum == 2
    assert header.acquisitionSystemInformation.receiverChannels == 2


def test_the_ends_of_slices_are_marked(make_store, tmp_path):
    store, _ = make_store()
    export(store, tmp_path / "out", "ismrmrd")
    _, found = readouts(tmp_path / "out" / "sub-2_GRE.h5")
    flags = (ismrmrd.ACQ_FIRST_IN_SLICE, ismrmrd.ACQ_LAST_IN_SLICE, ismrmrd.ACQ_LAST_IN_MEASUREMENT)
    places = [[n for n, readout in enumerate(found) if readout.is_flag_set(f)] for f in flags]
    assert places == [[0, 10, 20], [9, 19, 29], [29]]


def test_directions_are_those_of_axial_slices(make_store, tmp_path):
    """Rows run to the back, columns to the right, slices to the head; x of ISMRMRD is left."""
    store, _ = make_store()
    export(store, tmp_path / "out", "ismrmrd")
    header, found = readouts(tmp_path / "out" / "sub-1_T1w.h5")
    read, phase, normal = (
        np.array(v) for v in (found[0].read_dir, found[0].phase_dir, found[0].slice_dir)
    )
    assert (list(read), list(phase)) == ([0, 1, 0], [-1, 0, 0])
    np.testing.assert_array_equal(np.cross(read, phase), normal)
    assert [list(readout.position) for readout in found[9:11]] == [[0, 0, 0], [0, 0, 3]]
    lengths = parse(ismrmrd.xsd.ToXML(header))
    assert lengths.encoded_mm == lengths.shown_mm == pytest.approx((18, 20))


@pytest.mark.skipif(not shutil.which(RECONSTRUCT), reason="ismrmrd-tools are not installed")
def test_its_own_reconstruction_gives_our_magnitude_transposed(make_store, tmp_path):
    store, data = make_store(names({("Müller", "a"): [7]}), coils=2)
    export(store, tmp_path / "out", "ismrmrd")
    (path,) = (tmp_path / "out").glob("*.h5")
    subprocess.run([RECONSTRUCT, path], check=True, capture_output=True, timeout=60)
    with ismrmrd.Dataset(path, mode="r") as file:
        image = file.read_image("cpp", 0).data.squeeze()
    expected = np.sqrt(np.sum(np.abs(to_image(data[0])) ** 2, axis=0))
    # its transform is not normalised
    np.testing.assert_allclose(image.T / np.sqrt(12 * 10), expected, rtol=1e-4)
