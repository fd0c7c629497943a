"""Write simulated subjects as a user would bring them: raw HDF5, magnitude and mask NIfTI."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import h5py
import ismrmrd.xsd as xsd
import nibabel as nib
import numpy as np

from phasegen.fourier import to_image, to_kspace
from phasegen.mri import scan
from phasegen.mri.contrast import PROTOCOLS
from phasegen.mri.tissues import GAMMA_BAR
from phasegen.paths import whole_file
from phasegen.progress import told
from phasegen.settings import Contrast, Simulation

ACQUISITIONS: dict[str, str] = {
    "T1w": "AXT1",
    "T2w": "AXT2",
    "PDw": "AXPD",
    "GRE": "AXT2STAR",
}
"""Names in the style of fastMRI."""

SCANNER_MAXIMUM = 4095
"""Largest value of an exported magnitude volume (12 bits)."""


def simulate_subjects(
    subjects: Sequence[str], folder: Path, simulation: Simulation, seed: int
) -> None:
    """Write the files of several subjects, one after another; what they share is read once.

    The first comes last: where its files are, those of all others are, even after a kill.
    """
    for subject in told([*subjects[1:], subjects[0]], "simulate", "subjects"):
        simulate_subject(subject, folder, simulation, seed)


def simulate_subject(subject: str, folder: Path, simulation: Simulation, seed: int) -> None:
    """Write all files of one subject below ``folder``; each is whole or absent.

    The names are those of ``simulation.files(subject)``. The same arguments give
    the same bytes.
    """
    folder, simulation = Path(folder), simulation.of(subject)
    body = scan.make_subject(subject, simulation, seed)
    for contrast in simulation.contrasts:
        clean = scan.image(body, contrast, simulation, seed)
        noisy = scan.add_noise(clean, body, contrast, simulation, seed)
        kspace = to_kspace(noisy)
        magnitude = np.abs(to_image(kspace))
        # Two seeds make two people of one name.
        patient = f"{subject}-of-{seed}"
        header = ismrmrd_header(patient, contrast, simulation)
        raw = folder / simulation.raw_file(subject, contrast)
        write_raw(raw, kspace, magnitude, header, facts(patient, contrast, simulation))
        scaled = np.rint(magnitude * (SCANNER_MAXIMUM / magnitude.max())).astype(np.uint16)
        write_nifti(folder / simulation.magnitude_file(subject, contrast), scaled, body.grid)
    mask = scan.brain_mask(body).astype(np.uint8)
    write_nifti(folder / simulation.mask_file(subject), mask, body.grid)


def facts(patient: str, contrast: Contrast, simulation: Simulation) -> dict[str, str | float]:
    """Attributes of a raw file: two that fastMRI has, and what the header has no place for."""
    return {
        "acquisition": ACQUISITIONS[contrast],
        "patient_id": patient,
        "contrast": contrast,
        "slice_thickness_mm": scan.THICKNESS,
        "snr": simulation.snr,
    }


def ismrmrd_header(patient: str, contrast: Contrast, simulation: Simulation) -> str:
    """ISMRMRD header (XML) of a Cartesian acquisition of axial slices."""
    protocol, size = PROTOCOLS[contrast], simulation.matrix
    space = xsd.encodingSpaceType(
        matrixSize=xsd.matrixSizeType(x=size, y=size, z=1),
        fieldOfView_mm=xsd.fieldOfViewMm(x=scan.FOV, y=scan.FOV, z=scan.THICKNESS),
    )
    limits = xsd.encodingLimitsType(
        kspace_encoding_step_0=xsd.limitType(minimum=0, maximum=size - 1, center=size // 2),
        kspace_encoding_step_1=xsd.limitType(minimum=0, maximum=size - 1, center=size // 2),
        slice=xsd.limitType(minimum=0, maximum=simulation.slices - 1, center=0),
    )
    header = xsd.ismrmrdHeader(
        subjectInformation=xsd.subjectInformationType(patientID=patient),
        acquisitionSystemInformation=xsd.acquisitionSystemInformationType(
            systemVendor="PhaseGen",
            systemModel="simulation",
            systemFieldStrength_T=simulation.field_strength,
            receiverChannels=1,
        ),
        experimentalConditions=xsd.experimentalConditionsType(
            H1resonanceFrequency_Hz=round(GAMMA_BAR * simulation.field_strength)
        ),
        encoding=[
            xsd.encodingType(
                encodedSpace=space,
                reconSpace=space,
                encodingLimits=limits,
                trajectory=xsd.trajectoryType.CARTESIAN,
            )
        ],
        sequenceParameters=xsd.sequenceParametersType(
            TR=[protocol.tr * 1e3],
            TE=[protocol.te * 1e3],
            flipAngle_deg=[protocol.flip],
            sequence_type=protocol.sequence,
        ),
    )
    return xsd.ToXML(header)


def write_raw(
    path: Path,
    kspace: np.ndarray,
    magnitude: np.ndarray,
    header: str,
    attributes: dict[str, str | float],
) -> None:
    """Raw data in the fastMRI single-coil layout.

    Args:
        kspace: complex64 (slice, ky, kx), centred, orthonormal.
        magnitude: float32 (slice, y, x), anterior row first.
    """
    with whole_file(path) as partial, h5py.File(partial, "w") as file:
        # without times, which would make two runs differ
        file.create_dataset("kspace", data=kspace, track_times=False)
        file.create_dataset("reconstruction_esc", data=magnitude, track_times=False)
        file.create_dataset("ismrmrd_header", data=header, track_times=False)
        file.attrs.update(attributes)
        file.attrs["max"] = float(magnitude.max())
        file.attrs["norm"] = float(np.sqrt(np.sum(np.square(magnitude, dtype=float))))


def write_nifti(path: Path, volume: np.ndarray, grid: scan.Grid) -> None:
    """Volume (slice, y, x) with anterior row first as NIfTI in RAS+, compressed."""
    data = np.ascontiguousarray(volume[:, ::-1].transpose(2, 1, 0))
    affine = np.diag([grid.x[1] - grid.x[0], grid.y[0] - grid.y[1], slice_distance(grid), 1.0])
    affine[:3, 3] = grid.x[0], grid.y[-1], grid.z[0]
    image = nib.Nifti1Image(data, affine)
    image.header.set_xyzt_units("mm")
    image.set_qform(affine, code=1)
    image.set_sform(affine, code=1)
    with whole_file(path) as partial:
        partial.write_bytes(gzip.compress(image.to_bytes(), compresslevel=6, mtime=0))


def slice_distance(grid: scan.Grid) -> float:
    """Distance of the centres of two slices [mm]; of a single slice its thickness."""
    return float(grid.z[1] - grid.z[0]) if grid.z.size > 1 else scan.THICKNESS
