import json

import numpy as np
import pytest

from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort
from phasegen.sources.scan import DTYPES, plan, scan


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def magnitude(path: str, **more: str) -> Cohort:
    return Cohort(name="mine", role="magnitude", reader="nifti", path=path, **more)


def raw(path: str, **more: str) -> Cohort:
    return Cohort(name="mine", role="raw", reader="fastmri", path=path, **more)


def refused(cohort: Cohort) -> list[str]:
    with pytest.raises(BadCohort) as caught:
        scan(cohort)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.faults)
    assert all(line.startswith("cohort 'mine': ") for line in lines)
    return [line.removeprefix("cohort 'mine': ") for line in lines]


def test_one_row_per_slice_in_order(write_nifti, head):
    for subject in ("b", "a"):
        for series in ("T2w", "T1w"):
            write_nifti(f"data/sub-{subject}/anat/{series}.nii.gz", head)
    cohort = magnitude("data/**/*.nii.gz", subject=r"sub-(\w+)/", slices="1:-1")
    manifest = scan(cohort)
    assert {name: str(dtype) for name, dtype in manifest.dtypes.items()} == DTYPES
    assert manifest["row"].tolist() == list(range(12))
    assert manifest["slice"].tolist() == [1, 2, 3] * 4
    assert manifest["subject"].tolist() == ["a"] * 6 + ["b"] * 6
    assert manifest["series"].tolist() == (["T1w"] * 3 + ["T2w"] * 3) * 2
    assert manifest["file"][0] == "data/sub-a/anat/T1w.nii.gz"
    first = manifest.iloc[0]
    assert (first["rows"], first["columns"], first["coils"]) == (9, 7, 1)
    assert (first["recon_rows"], first["recon_columns"]) == (9, 7)
    assert (first["spacing_row_mm"], first["spacing_column_mm"]) == pytest.approx((3, 2))
    assert set(manifest["mask"]) == {""}
    numbers = plan(cohort, manifest)
    expected = {"slices": 12, "volumes": 4, "subjects": 2, "coils": 1}
    assert json.loads(json.dumps(numbers)) == expected | {"cohort": "mine", "role": "magnitude"}


def test_raw_files_name_their_patient(write_h5, kspace):
    write_h5("x.h5", {"patient_id": "P7"}, kspace=kspace)
    write_h5("y.h5", kspace=np.stack([kspace] * 4, axis=1))
    manifest = scan(raw("*.h5"))
    assert manifest["subject"].tolist() == ["P7"] * 3 + ["y"] * 3
    assert manifest["series"].tolist() == ["x"] * 3 + ["y"] * 3
    assert manifest["coils"].tolist() == [1] * 3 + [4] * 3
    assert np.isnan(manifest["spacing_row_mm"]).all()
    assert plan(raw("*.h5"), manifest)["coils"] == 4


def test_named_groups_of_the_pattern(write_nifti, head):
    write_nifti("d/s1/ses-1/T1.nii", head)
    write_nifti("d/s1/ses-2/T1.nii", head)
    pattern = r"/(?P<subject>s\d)/(?P<series>ses-\d)/"
    manifest = scan(magnitude("d/**/*.nii", subject=pattern))
    assert manifest[["subject", "series"]].drop_duplicates().to_numpy().tolist() == [
        ["s1", "ses-1"],
        ["s1", "ses-2"],
    ]


@pytest.mark.parametrize("notation", [":", "", "::2", "-2:", ":-1"])
def test_slices_are_python_slices_in_rising_order(write_nifti, head, notation):
    write_nifti("v.nii", head)
    start_stop_step = slice(*(int(p) if p else None for p in (notation or ":").split(":")))
    chosen = scan(magnitude("v.nii", slices=notation))["slice"].tolist()
    assert chosen == sorted(range(5)[start_stop_step])


def test_masks_beside_the_volumes(write_nifti, head):
    for name in ("a", "b"):
        write_nifti(f"d/{name}.nii.gz", head)
        write_nifti(f"d/{name}_mask_v2.nii.gz", (head > 0).astype(np.uint8), "LPI")
    manifest = scan(magnitude("d/*.nii.gz", mask="./d/{series}_mask*.nii.gz"))
    assert manifest["file"].unique().tolist() == ["d/a.nii.gz", "d/b.nii.gz"]
    assert manifest["mask"].unique().tolist() == ["d/a_mask_v2.nii.gz", "d/b_mask_v2.nii.gz"]


def test_mask_of_raw_data_has_the_shape_of_the_image(write_h5, write_nifti, kspace):
    write_h5("a.h5", kspace=kspace, reconstruction_esc=np.zeros((3, 6, 10), "f4"))
    write_nifti("a_mask.nii", np.ones((10, 6, 3), np.uint8))
    assert scan(raw("*.h5", mask="{subject}_mask.nii"))["mask"][0] == "a_mask.nii"


def test_faulty_masks(write_nifti, head):
    for name in ("lost", "many", "other"):
        write_nifti(f"d/{name}.nii", head)
    write_nifti("m/many_1.nii", head)
    write_nifti("m/many_2.nii", head)
    write_nifti("m/other_1.nii", head[:-1])
    lost, many, other = refused(magnitude("d/*.nii", mask="m/{series}_*.nii"))
    assert lost == "d/lost.nii: no mask at m/lost_*.nii"
    assert many == "d/many.nii: 2 masks match: m/many_1.nii, m/many_2.nii"
    assert other.startswith(
        "m/other_1.nii: mask of shape (5, 9, 6) for a volume of shape (5, 9, 7)"
    )
    assert "d/other.nii" in other


def test_masks_alone_are_no_cohort(write_nifti, head):
    write_nifti("d/a.nii", head)
    (line,) = refused(magnitude("d/*.nii", mask="d/{series}.nii"))
    assert line == "d/*.nii: all 1 files are masks by 'd/{series}.nii'"


def test_empty_glob_names_pattern_and_folder(tmp_path):
    (tmp_path / "folder").mkdir()
    assert refused(magnitude("nothing/*.nii")) == [
        f"nothing/*.nii: no file matches, looking from {tmp_path}"
    ]
    (line,) = refused(magnitude("folder"))
    assert line.endswith("(a pattern such as 'folder/**/*' names the files of a folder)")


def test_home_is_expanded(write_nifti, head, tmp_path, monkeypatch):
    write_nifti("v.nii", head)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert scan(magnitude("~/*.nii"))["file"][0] == f"{tmp_path.as_posix()}/v.nii"


def test_the_same_identity_twice_names_both(write_nifti, head):
    write_nifti("a/s1.nii", head)
    write_nifti("b/s1.nii.gz", head)
    (line,) = refused(magnitude("*/s1.nii*"))
    assert line.startswith("b/s1.nii.gz: is the same volume, subject 's1', series 's1' as a/s1.nii")


def test_all_bad_files_are_listed_in_one_go(write_nifti, head, tmp_path):
    write_nifti("d/good1.nii.gz", head)
    write_nifti("d/good2.nii.gz", head)
    write_nifti("d/frames1.nii.gz", np.stack([head, head], axis=3))
    cut = write_nifti("d/cut1.nii.gz", head)
    cut.write_bytes(cut.read_bytes()[:-20])
    (tmp_path / "d/link1.nii.gz").symlink_to("gone")
    (tmp_path / "d/note1.txt").write_text("text")
    write_nifti("d/unnamed.nii.gz", head)
    write_nifti("e/good1.nii.gz", head)
    lines = refused(magnitude("[de]/*", subject=r"(\w+\d)\."))
    named = [line.split(": ")[0] for line in lines]
    bad = ["cut1.nii.gz", "frames1.nii.gz", "link1.nii.gz", "note1.txt", "unnamed.nii.gz"]
    assert named == [*(f"d/{name}" for name in bad), "e/good1.nii.gz"]


def test_bad_raw_files_are_refused(write_h5, kspace):
    write_h5("a.h5", image=kspace)
    write_h5("b.h5", kspace=kspace.real)
    assert [line.split(",")[0] for line in refused(raw("*.h5"))] == [
        "a.h5: has no data set 'kspace'",
        "b.h5: 'kspace' is float32",
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"role": "raw"}, "the reader 'nifti' gives magnitude data, not raw"),
        ({"subject": "(a"}, "the subject is not a regular expression"),
        ({"subject": "a"}, "needs the group"),
        ({"subject": "(a)(b)"}, "needs the group"),
        ({"mask": "{name}.nii"}, "the mask knows {subject} and {series}, not {name}"),
        ({"slices": "::0"}, "'::0' is not a Python slice"),
        ({"slices": "-:3"}, "'-:3' is not a Python slice"),
        ({"slices": "9:"}, "v.nii: none of its 5 slices is chosen"),
        ({"subject": "(x)?v"}, "v.nii: the subject pattern '(x)?v' does not match"),
    ],
)
def test_faulty_rows_of_the_cohort_table(write_nifti, head, fields, reason):
    write_nifti("v.nii", head)
    (line,) = refused(magnitude("v.nii").model_copy(update=fields))
    assert reason in line


def test_the_scan_reads_no_data(write_nifti, head, monkeypatch):
    write_nifti("v.nii.gz", head)
    monkeypatch.setattr("phasegen.sources.nifti.ArrayProxy", lambda *_: pytest.fail("data read"))
    assert len(scan(magnitude("v.nii.gz"))) == 5
