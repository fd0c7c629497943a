import hashlib
import json
import os
import re
import sys
from glob import glob
from pathlib import Path

ROOT = str(Path(str(workflow.current_basedir)).parents[1])
# The library of this checkout, in this process and in every job, whatever the environment.
sys.path.insert(0, ROOT)
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))
)
# Threads that wait long in a loop make training many times slower on a machine that is shared.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

from phasegen.paths import Grid, shard_key
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


def shards(cohort):
    """Shards of a cohort, known once its headers were scanned, or said for a dry run before that."""
    counts = f"{COHORT}/plan.json".format(cohort=cohort)
    if workflow.dryrun and cohort in SETTINGS.planned and not os.path.exists(counts):
        slices = SETTINGS.planned[cohort]
    else:
        counts = checkpoints.scan.get(cohort=cohort).output.plan
        # Not by its path: in a bucket it has to be downloaded first.
        with counts.open() as file:
            slices = json.load(file)["slices"]
    return range(Grid(slices, SETTINGS.ingest.slices_per_shard).shards)


def arrays(cohort):
    """Arrays that a cohort is ingested to."""
    row = COHORTS[cohort]
    values = "magnitude" if row.role == "magnitude" else "images"
    # Nothing needs the masks of what a phase model is trained on.
    return [values, "mask"] if row.mask and row.role != "raw" else [values]


def row_of(wildcards):
    """What making the slices of a cohort depends on, of its row in the table."""
    return COHORTS[wildcards.cohort].model_dump(mode="json", exclude={"phase_encode"})


def ingest_of(wildcards):
    """Settings of ingest, with the size that a cohort may have of its own."""
    size = COHORTS[wildcards.cohort].size
    settings = SETTINGS.ingest.model_dump(mode="json", exclude={"shards_per_job"})
    return settings | ({"size": size} if size else {})


def sealed_arrays(cohorts):
    return [f"{COHORT}/{array}.zarr/zarr.json".format(cohort=c) for c in cohorts for array in arrays(c)]


def of_all_ingests(pattern):
    """Input function: ``pattern`` for each job that makes shards of a cohort, by its first one."""
    return lambda wildcards: of_all_jobs(pattern, wildcards, SETTINGS.ingest.shards_per_job)


def of_all_syntheses(pattern):
    """Input function: the same for k-space with phase of one source."""
    return lambda wildcards: of_all_jobs(
        pattern, wildcards, SETTINGS.shards_per_job(wildcards.source)
    )


def of_all_jobs(pattern, wildcards, shards_per_job):
    return expand(
        pattern, shard=shards(wildcards.cohort)[::shards_per_job], **dict(wildcards.items())
    )


def all_shards(_):
    """Every shard of every store that is converted; of several that one job makes, the first."""
    found = []
    for cohort in MAGNITUDE_COHORTS:
        for array in arrays(cohort):
            names = {"cohort": cohort, "array": array}
            found += first_shards(SHARD, RECORD, names, SETTINGS.ingest.shards_per_job)
        for source in SETTINGS.synthesis.sources:
            names = {"cohort": cohort, "source": source}
            found += first_shards(
                KSPACE_SHARD, KSPACE_RECORD, names, SETTINGS.shards_per_job(source)
            )
    return found


def first_shards(pattern, record, names, shards_per_job):
    """First shard of each job of a store, once it is sure that no other one was deleted."""
    every, found = shards(names["cohort"]), []
    for first in every[::shards_per_job]:
        found.append(pattern.format(**names, shard=first))
        others = range(first + 1, min(first + shards_per_job, len(every)))
        made = [name.format(**names, shard=first) for name in (pattern, record)]
        if others and all(map(os.path.exists, made)):
            refuse_lost(made[0], [pattern.format(**names, shard=shard) for shard in others])
    return found


def refuse_lost(first, files):
    """End if a file is gone that no rule names as its output, so that nothing else would miss it."""
    for file in files:
        if not os.path.exists(file):
            sys.exit(f"error: {file} is gone; delete {first}, and one job will make both again")


def magnitude_shard(wildcards):
    """What a shard of k-space is made from beside the seal of the magnitude, to be downloaded."""
    store = f"{COHORT}/magnitude.zarr".format(cohort=wildcards.cohort)
    names = ["index.parquet", shard_key(wildcards.shard)] if ON_OBJECTS else []
    return [f"{store}/{name}" for name in names]


def magnitude_shards(wildcards):
    """What a store of k-space is compared with beside the seal of the magnitude."""
    store = f"{COHORT}/magnitude.zarr".format(cohort=wildcards.cohort)
    names = ["index.parquet", *map(shard_key, shards(wildcards.cohort))] if ON_OBJECTS else []
    return [f"{store}/{name}" for name in names]


def is_simulated(cohort):
    return COHORTS[cohort].path.startswith(f"{SETTINGS.simulation.folder}/")


def simulated_subjects(cohort):
    """Simulated subjects that a cohort may name: those of one group, if its path names one."""
    if not is_simulated(cohort):
        return []
    group = COHORTS[cohort].path.removeprefix(f"{SETTINGS.simulation.folder}/").split("/")[0]
    groups = SETTINGS.simulation.subjects()
    return groups.get(group) or sum(groups.values(), [])


def simulated_files(subjects):
    simulation = SETTINGS.simulation
    return local(
        [f"{simulation.folder}/{file}" for name in subjects for file in simulation.files(name)]
    )


def datasets_of(cohort):
    """Public data sets in whose folders a cohort's files or masks lie."""
    start = f"{SETTINGS.datasets.folder}/"
    paths = (COHORTS[cohort].path, COHORTS[cohort].mask)
    names = [path.removeprefix(start).split("/")[0] for path in paths if path.startswith(start)]
    return sorted(DATASETS.keys() & set(names))


def marks_of(cohort):
    return local([SETTINGS.datasets.mark(name) for name in datasets_of(cohort)])


def facts_of(dataset):
    """Of the rows of a data set what its files depend on."""
    unsaid = {"licence", "citation", "status", "reader"}
    return [file.model_dump(mode="json", exclude=unsaid) for file in DATASETS[dataset]]


def writes_files(dataset):
    """Whether the rule retrieve adds files to a data set; all of the others users put there."""
    return any(file.is_archive or not file.by_hand for file in DATASETS[dataset])


def placed_by_hand(dataset):
    if writes_files(dataset):
        return "had by the rule retrieve"
    return listing_of(f"{SETTINGS.datasets.folder}/{dataset}/**")


def listing(cohort):
    """Digest of a cohort's files on disk, so that a new or changed one plans the scan again."""
    if is_simulated(cohort):
        return "made by the rule simulate"
    if any(writes_files(name) for name in datasets_of(cohort)):
        return "had by the rule retrieve"
    return listing_of(COHORTS[cohort].path)


def listing_of(pattern):
    path = os.path.expanduser(pattern)
    # of a folder, which only the reader of BIDS trees takes, the images and their sidecars
    found = glob(path, recursive=True) + glob(f"{path}/sub-*/**/anat/*", recursive=True)
    facts = [
        (path, os.stat(path).st_size, os.stat(path).st_mtime_ns)
        if os.path.exists(path)
        else (path, "a link that leads nowhere")
        for path in sorted(found)
        if not os.path.isdir(path)
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def weights_of(model):
    """File of a phase model: given, or trained here."""
    given = SETTINGS.phase_models[model].weights
    return local(given) if given else f"{PHASE_MODEL}/model.safetensors".format(model=model)


def model_of(wildcards):
    """The phase model, for the source that uses it."""
    return phase_model_behind(wildcards.source)


def phase_model_behind(phase):
    """Phase model that a source of phase has used."""
    return weights_of(SETTINGS.synthesis.model) if phase == "phasegen" else []


def synthesis_of(wildcards):
    """Only what a source depends on, so that a new number of steps leaves the baselines alone."""
    own = SETTINGS.synthesis.model_dump(mode="json", exclude={"sources", "model", "shards_per_job"})
    return own if wildcards.source == "phasegen" else {}


def growing(first):
    """Memory [MB], or time with its unit, of a job: as much again each time that it is tried."""
    if isinstance(first, int):
        return lambda wildcards, attempt: first * attempt
    return lambda wildcards, attempt: f"{int(first[:-1]) * attempt}{first[-1]}"


def gpus_of(training):
    """GPUs that share a training; none where it is for the CPU."""
    return training.devices if training.device == "cuda" else 0


def gpu_of_source(source):
    """Whether phase of this source is drawn on a GPU, as a number of GPUs."""
    return int(source == "phasegen" and SETTINGS.synthesis.device == "cuda")


def runs():
    """Trials of the comparison of samplers, with the names of each in its table."""
    found = {}
    for sampler, model in SETTINGS.quality.samplers.items():
        longest = [SETTINGS.quality.longest] if sampler in ("ancestral", "ddim") else []
        for evaluations in [*longest, *SETTINGS.quality.evaluations]:
            names = {"sampler": sampler, "model": model, "evaluations": evaluations}
            found[trial_name(model, sampler, evaluations, SETTINGS.synthesis.precision)] = names
    return found


def trial_name(model, sampler, evaluations, precision):
    return f"phasegen.{model}.{sampler}.{evaluations}.{precision}"


def table_trials():
    """Trials of the table of realism by the name of their row."""
    own = SETTINGS.synthesis
    in_precision = {
        precision: trial_name(own.model, own.sampler, own.steps, precision)
        for precision in ("float32", "bfloat16")
    }
    return {
        "none": "none",
        "naive": "naive",
        "phasegen": in_precision["float32"],
        "phasegen bfloat16": in_precision["bfloat16"],
    }


def model_of_trial(wildcards):
    """The phase model of a trial as ``trial_name`` names it; a model's name may have dots."""
    source, *rest = wildcards.trial.split(".")
    return weights_of(".".join(rest[:-3])) if source == "phasegen" else []


def synthesis_of_trial(wildcards):
    """Settings of a trial; a baseline has none."""
    source, *rest = wildcards.trial.split(".")
    if source != "phasegen":
        return {}
    own = SETTINGS.synthesis.model_dump(mode="json", exclude={"sources", "model", "shards_per_job"})
    sampler, evaluations, precision = rest[-3:]
    return own | {"sampler": sampler, "steps": int(evaluations), "precision": precision}


def training_data(experiment, phase):
    """Sealed slices with the phase that a network is trained on."""
    if phase == "original":
        return f"{COHORT}/images.zarr/zarr.json".format(cohort=experiment.original)
    return f"{KSPACE}/zarr.json".format(cohort=experiment.cohort, source=phase)


def skull_strip_data(wildcards):
    return training_data(SETTINGS.skull_strip, SETTINGS.skull_strip.phase_of(wildcards.arm))


def true_masks(wildcards):
    """Sealed masks of a test cohort, where it has some."""
    has_masks = "mask" in arrays(wildcards.cohort)
    return f"{COHORT}/mask.zarr/zarr.json".format(**wildcards) if has_masks else []


def tested_cohorts(experiment):
    """Cohorts that an experiment is tested on, once it is sure that all is there."""
    try:
        experiment.check_cohorts(COHORTS)
    except ConfigError as error:
        sys.exit(f"error: {error}")
    return experiment.test


def skull_strip_figures(_):
    return expand(f"{FIGURES}/figure4_{{cohort}}.svg", cohort=tested_cohorts(SETTINGS.skull_strip))


def skull_strip_items(_):
    """Tables and figures of skull-stripping."""
    swept = bool(SETTINGS.skull_strip.sweep)
    patterns = [
        f"{TABLES}/table1_{{cohort}}.csv",
        f"{FIGURES}/figure4_{{cohort}}.svg",
        f"{FIGURES}/skull_strip_cases_{{cohort}}.png",
        f"{FIGURES}/brain_masks_{{cohort}}.png",
        *([f"{FIGURES}/skull_strip_sweep_{{cohort}}.svg"] if swept else []),
    ]
    return expand(patterns, cohort=tested_cohorts(SETTINGS.skull_strip))


def given_weights(_):
    """The phase model behind the stores, if it was not trained here."""
    model = SETTINGS.synthesis.model
    is_used = "phasegen" in SETTINGS.synthesis.sources
    return [weights_of(model)] if is_used and SETTINGS.phase_models[model].weights else []


def recorded_items(_):
    """What a run's record waits for: every table that the configuration asks for."""
    found = [*rules.summary.output, *rules.data_crimes.output]
    if SETTINGS.skull_strip.test:
        tables = [rules.skull_strip_table.output.table]
        tables += [rules.skull_strip_sweep.output.table] * bool(SETTINGS.skull_strip.sweep)
        found += expand(tables, cohort=tested_cohorts(SETTINGS.skull_strip))
    if SETTINGS.reconstruction.test:
        tables = [rules.table_two.output.table, rules.table_three.output.table]
        found += expand(tables, cohort=reconstruction_cohorts())
    if TEST_COHORTS:
        found += expand(rules.phase_quality_table.output.table, size=QUALITY.sizes)
    return found
