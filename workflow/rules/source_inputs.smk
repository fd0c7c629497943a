import hashlib
from glob import glob

SIMULATION = SETTINGS.simulation


def is_simulated(cohort):
    return COHORTS[cohort].path.startswith(f"{SIMULATION.folder}/")


def simulated_subjects(cohort):
    """Simulated subjects that a cohort may name: those of one group, if its path names one."""
    if not is_simulated(cohort):
        return []
    group = COHORTS[cohort].path.removeprefix(f"{SIMULATION.folder}/").split("/")[0]
    groups = SIMULATION.subjects()
    return groups.get(group) or sum(groups.values(), [])


def simulated_together(wildcards):
    """Subjects that the job of the first of them makes."""
    jobs = SIMULATION.jobs()
    if wildcards.subject not in jobs:
        sys.exit(
            f"error: no job begins with {wildcards.subject}: {SIMULATION.subjects_per_job} "
            "subjects are simulated together (config key 'simulation.subjects_per_job')"
        )
    return jobs[wildcards.subject]


def files_of_simulated(subject):
    return [f"{SIMULATION.folder}/{file}" for file in SIMULATION.files(subject)]


def simulated_files(subjects):
    """Files of subjects; of several that one job makes, those of the first, which rules know of."""
    found = []
    for first, *others in SIMULATION.jobs().values():
        if not {first, *others} & set(subjects):
            continue
        made = files_of_simulated(first)
        found += made
        if others and all(map(os.path.exists, made)):
            refuse_lost(made[0], sum(map(files_of_simulated, others), []))
    return local(found)


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
