"""What the workflow plans: all of it at first, nothing at last, only what a change asks for."""

import re
import subprocess
import sys

import pytest

from .conftest import HEADER, REPOSITORY, TINY, environment

RULE_FILES = sorted((REPOSITORY / "workflow" / "rules").glob("*.smk"))
RULES = re.compile(r"^(?:rule|checkpoint) (\w+):\n((?:[ ]{4}.*\n|\n)+)", re.MULTILINE)
HEAVY = ("torch", "zarr", "dask", "pytorch_lightning", "h5py", "nibabel")

FROM_SCAN = {"scan": 2, "cohort_picture": 1, "simulate": 4}
FROM_INGEST = {"seal_cohort": 3, "cohorts_table": 1, "data_crimes": 1, "raw_sheet": 1}
FROM_TRAINING = {"train_phase": 1, "training_curve": 1}
FROM_KSPACE = {"contact_sheet": 1, "summary": 1}


def plan(project, *arguments, **options):
    """Number of jobs of each rule in a dry run, and its log."""
    done = project.run("--dry-run", *arguments, **options)
    assert done.returncode == 0, done.stdout
    table = re.search(r"^job +count\n[- ]+\n(.*?)^total", done.stdout, re.MULTILINE | re.DOTALL)
    lines = (line.split() for line in table[1].splitlines()) if table else ()
    jobs = {rule: int(count) for rule, count in lines}
    jobs.pop("default", None)
    jobs.pop("all", None)
    return jobs, done.stdout


@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_an_empty_tree_plans_everything(project, snakefile):
    jobs, _ = plan(project, snakefile=snakefile)
    stages = FROM_SCAN | FROM_INGEST | FROM_TRAINING | FROM_KSPACE
    assert jobs == stages | {"seal_kspace": 4}, "ingest and synthesize follow from the scan"


def test_a_second_run_does_nothing(copy):
    done = copy.run()
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout
    assert plan(copy)[0] == {}


def test_synthesis_steps_leave_baselines_and_training_alone(copy):
    jobs, log = plan(copy, config=copy.config(synthesis={"steps": 2}))
    assert jobs == FROM_KSPACE | {"synthesize": 2, "seal_kspace": 1}
    assert sources_of(log) == {"phasegen"}


def test_fewer_sources_only_draw_and_count_anew(copy):
    jobs, _ = plan(copy, config=copy.config(synthesis={"sources": ["none", "phasegen"]}))
    assert jobs == FROM_KSPACE


def test_training_reaches_only_what_the_model_makes(copy):
    config = copy.config(
        phase_models={"small": {"training": {"epochs": 2, "batch": 3, "validation": 0.5}}}
    )
    jobs, log = plan(copy, config=config)
    assert jobs == FROM_TRAINING | FROM_KSPACE | {"synthesize": 2, "seal_kspace": 1}
    assert sources_of(log) == {"phasegen"}


def test_another_size_leaves_simulation_and_scan_alone(copy):
    jobs, log = plan(copy, config=copy.config(ingest={"size": 64}))
    downstream = FROM_INGEST | FROM_TRAINING | FROM_KSPACE
    assert jobs == downstream | {"ingest": 6, "synthesize": 8, "seal_kspace": 4}
    assert sources_of(log) == {"none", "random", "naive", "phasegen"}


@pytest.mark.parametrize("change", [{"seed": 7}, {"simulation": {"snr": 10.0}}], ids=str)
def test_seed_and_simulation_reach_everything(copy, change):
    jobs, _ = plan(copy, config=copy.config(**change))
    stages = FROM_SCAN | FROM_INGEST | FROM_TRAINING | FROM_KSPACE
    assert jobs == stages | {"seal_kspace": 4}


def test_one_more_magnitude_cohort_does_not_train_again(copy):
    row = "more\tmagnitude\tnifti\tresults/simulated/train/*/*w.nii.gz\t\t\t\n"
    copy.cohorts.write_text(copy.cohorts.read_text() + row)
    scan = copy.run("--until", "scan")
    assert scan.returncode == 0, scan.stdout
    jobs, log = plan(copy)
    new = {"ingest": 2, "seal_cohort": 1, "synthesize": 8, "seal_kspace": 4}
    assert jobs == new | {"cohorts_table": 1, "data_crimes": 1} | FROM_KSPACE
    assert "of cohort simulated-magnitude, shard" not in log


@pytest.mark.parametrize(
    ("reader", "path", "name"),
    [
        ("nifti", "mine/*.nii.gz", "mine/{}.nii.gz"),
        ("bids", "mine", "mine/sub-{0}/ses-1/anat/sub-{0}_ses-1_T1w.nii.gz"),
    ],
)
def test_a_new_file_of_a_cohort_plans_its_scan(copy, reader, path, name):
    volumes = sorted(copy.results.glob("simulated/*/*/*w.nii.gz"))
    first, second = (copy.folder / name.format(number) for number in (1, 2))
    for file in (first, second):
        file.parent.mkdir(parents=True, exist_ok=True)
    first.write_bytes(volumes[0].read_bytes())
    row = f"mine\tmagnitude\t{reader}\t{path}\t\t\t\n"
    raw = "raw\traw\tfastmri\tresults/simulated/train/*/*.h5\t\t\t\n"
    copy.cohorts.write_text(HEADER + raw + row)
    assert copy.run("--until", "scan").returncode == 0
    assert "scan" not in plan(copy)[0]
    second.write_bytes(volumes[1].read_bytes())
    assert plan(copy)[0]["scan"] == 1


@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_lint_is_content(project, snakefile):
    done = project.run("--lint", snakefile=snakefile)
    assert done.returncode == 0, done.stdout
    assert "in a good condition" in done.stdout


def test_parsing_imports_nothing_heavy(project):
    script = f"""
import sys
from snakemake.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code
assert "phasegen.settings" in sys.modules
print("heavy:", sorted(set({HEAVY}) & set(sys.modules)))
"""
    words = ["--snakefile", str(REPOSITORY / "Snakefile"), "--dry-run", "--configfile", str(TINY)]
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=project.folder,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert "heavy: []" in done.stdout, done.stderr[-2000:]


def test_ended_jobs_do_not_make_the_scheduler_busy(project):
    script = """
import sys
from snakemake.cli import main
from snakemake.scheduling.job_scheduler import JobScheduler
assert callable(JobScheduler._schedule_reevalutation)
JobScheduler._schedule_reevalutation = lambda *_: print("looks again")
main(sys.argv[1:])
"""
    words = [
        "--snakefile",
        str(REPOSITORY / "Snakefile"),
        "--cores",
        "1",
        "--configfile",
        str(TINY),
    ]
    file = "results/simulated/train/sub-001/sub-001_mask.nii.gz"
    done = subprocess.run(
        [sys.executable, "-c", script, *words, "--", file],
        cwd=project.folder,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert (project.folder / file).exists(), done.stderr[-2000:]
    assert "looks again" not in done.stdout


@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.stem)
def test_every_rule_says_what_it_does_and_needs(file):
    for name, body in RULES.findall(file.read_text()):
        for part in ("message", "log", "resources", "conda", "output", "params"):
            assert f"    {part}:" in body, f"{name} has no {part}"
        assert re.search(r"mem_mb=growing\(\d+\)", body), f"{name}: a memory"
        assert re.search(r'runtime=growing\("\d+[mh]"\)', body), f"{name}: a runtime with its unit"


def test_all_rules_are_looked_at():
    found = [name for file in RULE_FILES for name, _ in RULES.findall(file.read_text())]
    assert len(found) == 57


def sources_of(log):
    return set(re.findall(r"synthesize (\w+) of cohort", log))
