"""What cannot be run is refused early, by name, and leaves nothing that a later run would take."""

import gzip

import h5py
import nibabel
import numpy as np
import pytest

from .conftest import HEADER

SHAPE = (32, 32, 3)
AFFINE = np.diag([6.0, 6.0, 5.0, 1.0])
BAD_CONFIGS = {
    "unknown key": ({"synthesis": {"stepz": 3}}, "unknown key 'synthesis.stepz'"),
    "wrong type": ({"ingest": {"size": "large"}}, "ingest.size: Input should be a valid integer"),
    "no table": ({"cohorts": "nowhere.tsv"}, "cohort table nowhere.tsv: No such file"),
    "size and network": ({"ingest": {"size": 34}}, "ingest.size must be a multiple of"),
    "cohort table": ({"cohorts": "faulty.tsv"}, "faulty.tsv, row 'mine': role: Input should be"),
}


@pytest.mark.parametrize(("change", "message"), BAD_CONFIGS.values(), ids=BAD_CONFIGS)
def test_a_bad_configuration_gives_one_line(project, change, message):
    (project.folder / "faulty.tsv").write_text(HEADER + "mine\tnone\tnifti\tmine/*.nii\t\t\t\n")
    refused = project.run(config=project.config(**change))
    assert refused.returncode == 1
    (line,) = [line for line in refused.stdout.splitlines() if "error" in line.lower()]
    assert line.startswith("error: ")
    assert message in line
    assert refused.stdout.strip().endswith(line)
    assert not project.results.exists()


def test_a_missing_configuration_is_named(project):
    refused = project.run(config=project.folder / "none.yaml")
    assert refused.returncode == 1
    assert refused.stdout == f"error: config file {project.folder / 'none.yaml'}: no such file\n"


def test_what_headers_show_is_refused_at_scan_all_of_it_at_once(project):
    expected = [*bad_raw_files(project), *bad_magnitude_files(project)]
    expected.append("cohort 'empty': empty/*.nii.gz: no file matches")
    project.cohorts.write_text(
        HEADER
        + "raw\traw\tfastmri\traw/*.h5\t\t\t\n"
        + "magnitude\tmagnitude\tnifti\tmagnitude/*w.nii.gz\tmasks/{subject}.nii.gz\t(sub-\\d+)_\t\n"
        + "twins\tmagnitude\tnifti\ttwins/*/*.nii.gz\t\t\t\n"
        + "empty\tmagnitude\tnifti\tempty/*.nii.gz\t\t\t\n"
    )
    refused = project.run("--cores", "4")
    assert refused.returncode == 1
    told = [line for line in refused.stdout.splitlines() if line.startswith("error: cohort")]
    for start in expected:
        assert any(line.startswith(f"error: {start}") for line in told), (start, told)
    assert len(set(told)) == len(expected), told
    assert "Traceback" not in refused.stdout
    assert files_below(project.results / "cohorts") == []
    assert started(project) == {"scan"}


def test_what_only_the_data_show_is_refused_at_ingest_before_training(project):
    write_raw(project, "raw/a.h5", kspace())
    write_raw(project, "raw/b.h5", np.where(np.arange(3)[:, None, None], kspace(), np.nan))
    write_raw(project, "raw/c.h5", 0 * kspace())
    expected = [
        "cohort 'raw': raw/b.h5: 1024 of 3072 values are NaN",
        "cohort 'raw': raw/c.h5: all",
    ]
    project.cohorts.write_text(HEADER + "raw\traw\tfastmri\traw/*.h5\t\t\t\n")
    for name, values in {"a": 1, "b": np.nan, "c": 0}.items():
        write_nifti(project, f"magnitude/{name}.nii.gz", volume() * np.float32(values))
    expected += ["cohort 'magnitude': magnitude/b.nii.gz: 3072 of 3072 values are NaN"]
    expected += ["cohort 'magnitude': magnitude/c.nii.gz: all values are zero"]
    with project.cohorts.open("a") as table:
        table.write("magnitude\tmagnitude\tnifti\tmagnitude/*.nii.gz\t\t\t\n")
    config = project.config(ingest={"slices_per_shard": 9})
    # By itself, so that the first job to fail cannot keep the others from beginning.
    assert project.run("--until", "scan", config=config).returncode == 0
    refused = project.run(config=config)
    assert refused.returncode == 1
    for start in expected:
        assert f"error: {start}" in refused.stdout
    assert "Traceback" not in refused.stdout
    assert started(project) == {"scan", "ingest"}
    kept = {path.name for path in files_below(project.results / "cohorts")}
    assert kept == {"manifest.parquet", "plan.json"}
    assert not project.unfinished()


@pytest.mark.slow
def test_a_mended_cohort_runs_on(copy):
    """The refusal of a new file leaves what is sealed alone, and passes once the file is gone."""
    before = copy.checksums()
    mine = copy.folder / "mine"
    row = "mine\tmagnitude\tnifti\tmine/*.nii.gz\t\t\t\n"
    copy.cohorts.write_text(copy.cohorts.read_text() + row)
    write_nifti(copy, "mine/good.nii.gz", volume())
    (mine / "bad.nii.gz").write_bytes(b"")
    refused = copy.run()
    assert refused.returncode == 1
    assert "error: cohort 'mine': mine/bad.nii.gz: " in refused.stdout
    assert copy.checksums() == before
    (mine / "bad.nii.gz").unlink()
    mended = copy.run("results/cohorts/mine/magnitude.zarr/zarr.json")
    assert mended.returncode == 0, mended.stdout


def bad_raw_files(project):
    """Write two bad files beside a good one; the messages that are due."""
    write_raw(project, "raw/good.h5", kspace())
    write_raw(project, "raw/real.h5", np.abs(kspace()))
    with h5py.File(project.folder / "raw" / "without.h5", "w") as file:
        file["image"] = np.abs(kspace())
    (project.folder / "raw" / "text.h5").write_text("no HDF5")
    return [f"cohort 'raw': raw/{name}.h5: " for name in ("real", "without", "text")]


def bad_magnitude_files(project):
    """Write bad files beside a good one; the messages that are due."""
    names = {number: f"magnitude/sub-{number}_T1w.nii.gz" for number in range(5)}
    for number in (0, 1, 2, 3):
        write_nifti(project, names[number], volume())
        write_nifti(project, f"masks/sub-{number}.nii.gz", volume() > 0.5)
    truncated = project.folder / names[1]
    truncated.write_bytes(truncated.read_bytes()[:-2000])
    write_nifti(project, names[2], np.stack([volume()] * 2, axis=-1))
    write_nifti(project, "masks/sub-3.nii.gz", volume()[:, :, :2] > 0.5)
    write_nifti(project, names[4], volume())
    write_nifti(project, "twins/a/same.nii.gz", volume())
    write_nifti(project, "twins/b/same.nii.gz", volume())
    return [
        f"cohort 'magnitude': {names[1]}: truncated",
        f"cohort 'magnitude': {names[2]}: 4D (32 x 32 x 3 x 2)",
        "cohort 'magnitude': masks/sub-3.nii.gz: mask of shape",
        f"cohort 'magnitude': {names[4]}: no mask at masks/sub-4.nii.gz",
        "cohort 'twins': twins/b/same.nii.gz: is the same volume",
    ]


def kspace():
    parts = np.random.default_rng(0).normal(size=(2, 3, 32, 32)).astype(np.float32)
    return parts[0] + 1j * parts[1]


def volume():
    return np.random.default_rng(1).uniform(0.1, 1, SHAPE).astype(np.float32)


def write_raw(project, name, data):
    path = project.folder / name
    path.parent.mkdir(exist_ok=True)
    with h5py.File(path, "w") as file:
        file["kspace"] = data if np.isrealobj(data) else data.astype(np.complex64)


def write_nifti(project, name, data):
    path = project.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = data.astype(np.uint8) if data.dtype == bool else data
    path.write_bytes(gzip.compress(nibabel.Nifti1Image(data, AFFINE).to_bytes()))


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def started(project):
    """Rules of which a job has begun."""
    logs = files_below(project.results / "logs")
    return {log.relative_to(project.results / "logs").parts[0].removesuffix(".log") for log in logs}
