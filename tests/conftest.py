"""Small sealed stores of every kind, made by the steps of the workflow."""

import nibabel
import numpy as np
import pandas as pd
import pytest

from phasegen.fourier import to_kspace
from phasegen.paths import Grid
from phasegen.settings import Cohort
from phasegen.sources.registry import reader
from phasegen.steps.ingest import ingest
from phasegen.steps.scan import scan_cohort
from phasegen.steps.seal import seal_cohort, seal_kspace
from phasegen.steps.simulate import write_raw
from phasegen.steps.synthesize import synthesize

SIZE, SLICES, PER_SHARD = 16, 5, 4
SETTINGS = {"size": SIZE, "slices_per_shard": PER_SHARD}


@pytest.fixture(scope="session")
def stores(tmp_path_factory):
    """Folder with ``magnitude.zarr``, ``mask.zarr``, ``images.zarr`` and ``kspace.zarr``.

    Ten slices of two volumes each, in three shards of four; tests only read it.
    """
    return make_stores(tmp_path_factory.mktemp("stores"))


def make_stores(folder):
    """The same in any folder."""
    for number in range(2):
        _write_volume(folder, number)
    magnitude = _cohort(folder, "magnitude", "*T1w.nii.gz", mask=f"{folder}/{{series}}_mask.nii")
    raw = _cohort(folder, "raw", "*.h5")
    for cohort, kinds in ((magnitude, ("magnitude", "mask")), (raw, ("images",))):
        for kind in kinds:
            _ingest(folder, cohort, kind)
    _synthesize(folder)
    return folder


def _write_volume(folder, number):
    random = np.random.default_rng(number)
    values = random.uniform(0, 9, (20, 20, SLICES)).astype(np.float32)
    name = f"v{number}_T1w"
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), folder / f"{name}.nii.gz")
    mask = (values > 5).astype(np.uint8)
    nibabel.save(nibabel.Nifti1Image(mask, np.eye(4)), folder / f"{name}_mask.nii")
    image = values.T * np.exp(1j * random.uniform(-3, 3, values.T.shape))
    kspace = to_kspace(image).astype(np.complex64)
    header = "<ismrmrdHeader xmlns='http://www.ismrm.org/ISMRMRD'/>"
    write_raw(folder / f"v{number}.h5", kspace, values.T, header, {})


def _cohort(folder, role, pattern, **more):
    source = "nifti" if role == "magnitude" else "fastmri"
    assert role in reader(source).roles
    return Cohort(
        name=f"{role}-heads", role=role, reader=source, path=f"{folder}/{pattern}", **more
    )


def _ingest(folder, cohort, kind):
    manifest = folder / f"{cohort.name}.parquet"
    scan_cohort(cohort.model_dump(), "combined", manifest, folder / "plan.json")
    grid = Grid(len(pd.read_parquet(manifest)), PER_SHARD)
    records = [folder / "records" / kind / f"{shard}.parquet" for shard in range(grid.shards)]
    store = folder / f"{kind}.zarr"
    for shard, record in enumerate(records):
        ingest(cohort.model_dump(), manifest, kind, shard, SETTINGS, store, record)
    facts = {"cohort": cohort.model_dump(mode="json"), "ingest": {"size": SIZE}, "code": "0"}
    seal_cohort(store, kind, manifest, records, SETTINGS, facts)


def _synthesize(folder):
    magnitude, store = folder / "magnitude.zarr", folder / "kspace.zarr"
    records = [folder / "records" / "kspace" / f"{shard}.parquet" for shard in range(3)]
    for shard, record in enumerate(records):
        synthesize(magnitude, "naive", shard, {}, 5, None, store, record)
    facts = {"cohort": "magnitude-heads", "source": "naive", "seed": 5}
    facts |= {"synthesis": {}, "code": "0"}
    seal_kspace(store, magnitude, records, None, facts)
