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
