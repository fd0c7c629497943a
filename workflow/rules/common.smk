import os
import re
import sys
from pathlib import Path

ROOT = str(Path(str(workflow.current_basedir)).parents[1])
# The library of this checkout, in this process and in every job, whatever the environment.
sys.path.insert(0, ROOT)
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))
)
# Threads that wait long in a loop make training many times slower on a machine that is shared.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

from phasegen.paths import shard_key
from phasegen.provenance import digest
from phasegen.settings import (
    ConfigError,
    check_sizes,
    models_to_train,
    read_cohorts,
    read_datasets,
    validate,
)

try:
    SETTINGS = validate(config)
    COHORTS = read_cohorts(SETTINGS.cohorts)
    check_sizes(SETTINGS, COHORTS)
    DATASETS = read_datasets(SETTINGS.datasets.table)
except ConfigError as error:
    # A WorkflowError would wrap the message in two places in this file.
    sys.exit(f"error: {error}")


onstart:
    # For its limit of jobs a second Snakemake 9.27 looks for new ones again and again, once a second more
    # with every job that ends: after a hundred and fifty jobs that took a third of a core.
    workflow.scheduler.job_rate_limiter = None


# Results in a bucket: what a job reads must be named as input, since nothing else is downloaded.
STORAGE = workflow.storage_settings
ON_OBJECTS = bool(STORAGE and STORAGE.default_storage_provider)

RAW_COHORTS = [cohort.name for cohort in COHORTS.values() if cohort.role == "raw"]
TEST_COHORTS = [cohort.name for cohort in COHORTS.values() if cohort.role == "test"]
MAGNITUDE_COHORTS = [cohort.name for cohort in COHORTS.values() if cohort.role == "magnitude"]

# Raw data are made ready only for a model that is to be trained.
SHOWN_COHORTS = [*(RAW_COHORTS if models_to_train(SETTINGS) else []), *MAGNITUDE_COHORTS]

COHORT = f"{SETTINGS.results}/cohorts/{{cohort}}"
SHARD = f"{COHORT}/{{array}}.zarr/{shard_key('{shard}')}"
RECORD = f"{COHORT}/records/{{array}}/{{shard}}.parquet"
KSPACE = f"{SETTINGS.results}/synthetic/{{cohort}}/{{source}}/kspace.zarr"
KSPACE_SHARD = f"{KSPACE}/{shard_key('{shard}')}"
KSPACE_RECORD = f"{SETTINGS.results}/synthetic/{{cohort}}/{{source}}/records/{{shard}}.parquet"
PHASE_MODEL = f"{SETTINGS.results}/phase_models/{{model}}"
TABLES = f"{SETTINGS.results}/tables"
FIGURES = f"{SETTINGS.results}/figures"
LOGS = f"{SETTINGS.results}/logs"
BENCHMARKS = f"{SETTINGS.results}/benchmarks"


wildcard_constraints:
    cohort=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    array="images|magnitude|mask",
    dataset="|".join(map(re.escape, DATASETS)),
    source="none|random|naive|phasegen",
    arm="|".join(map(re.escape, {**SETTINGS.skull_strip.arms, **SETTINGS.reconstruction.arms})),
    mode="mixed|only|tuned",
    share=r"[0-9.]+",
    factor=r"\d+",
    floor="zerofilling|compressed_sensing",
    number=r"\d+",
    learning_rate="[^/~]+",
    batch="[^/~]+",
    decay="[^/~]+",
    epochs="[^/~]+",
    dropout="[^/~]+",
    rater=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    model=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    shard=r"\d+",
    format="bart|bids|fastmri|ismrmrd",
    subject=r"sub-\d+",
    slices="table|repeated|compared",
    size=r"\d+",
    table="table[123]",


def growing(first):
    """Memory [MB], or time with its unit, of a job: as much again each time that it is tried."""
    if isinstance(first, int):
        return lambda wildcards, attempt: first * attempt
    return lambda wildcards, attempt: f"{int(first[:-1]) * attempt}{first[-1]}"


def gpus_of(training):
    """GPUs that share a training; none where it is for the CPU."""
    return training.devices if training.device == "cuda" else 0


def refuse_lost(first, files):
    """End if a file is gone that no rule names as its output, so that nothing else would miss it."""
    for file in files:
        if not os.path.exists(file):
            sys.exit(f"error: {file} is gone; delete {first}, and one job will make both again")
