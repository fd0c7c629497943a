PAPER_APPENDIX = "../../resources/paper_appendix.csv"


def originals():
    """Cohorts with the true phase by the magnitude cohort whose volumes they hold."""
    pairs = {task.cohort: task.original for task in (SETTINGS.reconstruction, SETTINGS.skull_strip)}
    return {
        cohort: original
        for cohort, original in pairs.items()
        if cohort in MAGNITUDE_COHORTS
        and original in COHORTS
        and COHORTS[original].role == "original"
    }


def original_of(wildcards):
    """Sealed images with the true phase of a magnitude cohort, where there are some."""
    original = originals().get(wildcards.cohort)
    return f"{COHORT}/images.zarr/zarr.json".format(cohort=original) if original else []


def figure_three_items(_):
    if not originals():
        sys.exit(
            "error: config: Figure 3 needs a cohort with the true phase of a magnitude cohort; name it "
            "in reconstruction.original or skull_strip.original"
        )
    return expand(f"{FIGURES}/figure3_{{cohort}}.svg", cohort=originals())


def uses():
    """Use, as the paper calls it, and cohort, of all data that the configuration names."""
    found = [("PhaseGen Training & Validation", name) for name in RAW_COHORTS if models_to_train(SETTINGS)]
    for name, task in (("Skullstrip", SETTINGS.skull_strip), ("Reconstruction", SETTINGS.reconstruction)):
        found += [(f"{name} Training & Validation", c) for c in (task.cohort, task.original) if task.test]
        found += [(f"{name} Testing", cohort) for cohort in task.test]
    found += [("Phase quality", cohort) for cohort in TEST_COHORTS]
    return [(use, cohort) for use, cohort in found if cohort in COHORTS]


def used_data_sets(_):
    """Rows of Table A1, but for counts."""
    rows = []
    for use, cohort in uses():
        row, registered = COHORTS[cohort], [DATASETS[name] for name in datasets_of(cohort)]
        licences = [file.licence for files in registered for file in files if file.licence]
        simulated = is_simulated(cohort)
        rows.append(
            {
                "use": use,
                "cohort": cohort,
                "source": "simulated" if simulated else ", ".join(datasets_of(cohort)),
                "role": row.role,
                "reader": row.reader,
                "field": f"{SETTINGS.simulation.field_strength:g}T" if simulated else "",
                "licence": "; ".join(dict.fromkeys(licences)),
            }
        )
    return rows


def used_cohorts():
    return list(dict.fromkeys(cohort for _, cohort in uses()))


def given_phase_model():
    """The phase model that is used, where it was given and not trained here."""
    return SETTINGS.phase_models[SETTINGS.synthesis.model].weights or []


def searched(experiment, arm):
    """Hyperparameters of an arm that a search chose."""
    own = experiment.arms[arm].changes()
    return [name for name, values in experiment.search.items() if name not in own and len(values) > 1]


def stripping_networks(_):
    """Arm and what was searched for, of each weights file of Table A2."""
    return [({"arm": arm}, searched(SKULL_STRIP, arm)) for arm in SKULL_STRIP.arms]


def reconstruction_networks(_):
    """Likewise of Table A3."""
    return [
        ({"model": model, "factor": factor, "arm": arm}, searched(RECONSTRUCTION, arm))
        for model, factor in product(RECONSTRUCTION.models, RECONSTRUCTION.undersampling.factors)
        for arm in tested_arms(model, factor)
    ]


def stripping_weights(wildcards):
    tested_cohorts(SKULL_STRIP)
    names = [names for names, _ in stripping_networks(wildcards)]
    return [rules.train_skull_strip.output.weights.format(number=1, **own) for own in names]


def reconstruction_weights(wildcards):
    tested_cohorts(RECONSTRUCTION)
    names = [names for names, _ in reconstruction_networks(wildcards)]
    return [rules.train_reconstruction.output.weights.format(number=1, **own) for own in names]
