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


def given_weights(_):
    """The phase model behind the stores, if it was not trained here."""
    model = SETTINGS.synthesis.model
    is_used = "phasegen" in SETTINGS.synthesis.sources
    return [weights_of(model)] if is_used and SETTINGS.phase_models[model].weights else []


def gpu_of_source(source):
    """Whether phase of this source is drawn on a GPU, as a number of GPUs."""
    return int(source == "phasegen" and SETTINGS.synthesis.device == "cuda")
