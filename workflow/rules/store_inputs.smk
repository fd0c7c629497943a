import json

from phasegen.paths import Grid


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
