def training_data(experiment, phase):
    """Sealed slices with the phase that a network is trained on."""
    if phase == "original":
        return f"{COHORT}/images.zarr/zarr.json".format(cohort=experiment.original)
    return f"{KSPACE}/zarr.json".format(cohort=experiment.cohort, source=phase)


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


def skull_strip_data(wildcards):
    return training_data(SETTINGS.skull_strip, SETTINGS.skull_strip.phase_of(wildcards.arm))


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
