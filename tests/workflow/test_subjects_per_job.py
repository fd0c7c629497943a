"""Several simulated subjects in one job: the same files, and none is missed."""

import pytest

from .test_dag import plan

TOGETHER = {"subjects_per_job": 2}
MASK = "simulated/convert/sub-00{0}/sub-00{0}_mask.nii.gz"


def files(project):
    found = sorted(project.results.glob("simulated/*/*/*"))
    return {file.relative_to(project.folder): file.read_bytes() for file in found}


@pytest.mark.long
def test_files_are_the_same_and_a_lost_one_is_named(copy):
    before = files(copy)
    config = copy.config(simulation=TOGETHER)
    jobs, _ = plan(copy, config=config)
    assert jobs["simulate"] == 2, "a group of four is not used, and two of two are"
    done = copy.run("--until", "scan", config=config)
    assert done.returncode == 0, done.stdout
    assert files(copy) == before
    (copy.results / MASK.format(4)).unlink()
    lost = copy.run("--dry-run", config=config)
    assert lost.returncode == 1
    (error,) = [line for line in lost.stdout.splitlines() if "error:" in line]
    assert f"{MASK.format(4)} is gone; delete" in error
    next((copy.results / MASK.format(3)).parent.glob("*.h5")).unlink()
    done = copy.run("--until", "scan", config=config)
    assert done.returncode == 0, done.stdout
    assert files(copy) == before


def test_a_subject_that_another_job_makes_is_refused(project):
    done = project.run(f"results/{MASK.format(4)}", config=project.config(simulation=TOGETHER))
    assert done.returncode == 1
    assert "error: no job begins with sub-004" in done.stdout
