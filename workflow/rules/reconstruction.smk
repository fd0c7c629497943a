rule search_reconstruction:
    message: "train reconstruction ({wildcards.model}, factor {wildcards.factor}) on {wildcards.arm} with candidate hyperparameters"
    input:
        stores=lambda wildcards: [
            training_data(RECONSTRUCTION, RECONSTRUCTION.phase_of(wildcards.arm))
        ],
        phase_model=lambda wildcards: phase_model_behind(RECONSTRUCTION.phase_of(wildcards.arm)),
    output:
        weights=f"{RECONSTRUCTED}/{{arm}}/search/{RECONSTRUCTION_SEARCHED.wildcard_pattern}/model.safetensors",
        history=f"{RECONSTRUCTED}/{{arm}}/search/{RECONSTRUCTION_SEARCHED.wildcard_pattern}/history.csv",
    params:
        sources=lambda wildcards: [RECONSTRUCTION.phase_of(wildcards.arm)],
        sampling=sampling_of,
        model=network_of,
        changes=lambda wildcards: RECONSTRUCTION.arms[wildcards.arm].changes()
        | {name: float(wildcards[name]) for name in RECONSTRUCTION.search},
        # The candidate that is chosen is the first training of the arm, found finished.
        number=1,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        checkpoints=f"{RECONSTRUCTED}/checkpoints",
        code=digest("steps.reconstruction"),
    log:
        f"{LOGS}/search_reconstruction/{{model}}/{{factor}}/{{arm}}/{RECONSTRUCTION_SEARCHED.wildcard_pattern}.log",
    benchmark:
        f"{BENCHMARKS}/search_reconstruction/{{model}}/{{factor}}/{{arm}}/{RECONSTRUCTION_SEARCHED.wildcard_pattern}.tsv"
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("24h"),
        gpu=lambda wildcards: gpus_of(RECONSTRUCTION.models[wildcards.model].training),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/train_reconstruction.py"


rule choose_reconstruction:
    message: "choose the hyperparameters of reconstruction ({wildcards.model}, factor {wildcards.factor}) on {wildcards.arm}"
    input:
        lambda wildcards: expand(
            rules.search_reconstruction.output.weights,
            zip,
            **DataFrame(RECONSTRUCTION.candidates(wildcards.arm)).to_dict("list"),
            allow_missing=True,
        ),
    output:
        f"{RECONSTRUCTED}/{{arm}}/chosen.json",
    params:
        candidates=lambda wildcards: RECONSTRUCTION.candidates(wildcards.arm),
        score="validation_psnr",
        code=digest("steps.choice"),
    log:
        f"{LOGS}/choose_reconstruction/{{model}}/{{factor}}/{{arm}}.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/choose_hyperparameters.py"


rule train_reconstruction:
    message: "train reconstruction ({wildcards.model}, factor {wildcards.factor}) on {wildcards.arm}, number {wildcards.number}"
    input:
        stores=lambda wildcards: [
            training_data(RECONSTRUCTION, RECONSTRUCTION.phase_of(wildcards.arm))
        ],
        phase_model=lambda wildcards: phase_model_behind(RECONSTRUCTION.phase_of(wildcards.arm)),
        chosen=lambda wildcards: chosen_for(wildcards.arm),
    output:
        weights=f"{RECONSTRUCTED}/{{arm}}/{{number}}/model.safetensors",
        history=f"{RECONSTRUCTED}/{{arm}}/{{number}}/history.csv",
    params:
        sources=lambda wildcards: [RECONSTRUCTION.phase_of(wildcards.arm)],
        sampling=sampling_of,
        model=network_of,
        changes=lambda wildcards: RECONSTRUCTION.arms[wildcards.arm].changes(),
        number=lambda wildcards: int(wildcards.number),
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        checkpoints=f"{RECONSTRUCTED}/checkpoints",
        code=digest("steps.reconstruction"),
    log:
        f"{LOGS}/train_reconstruction/{{model}}/{{factor}}/{{arm}}/{{number}}.log",
    benchmark:
        f"{BENCHMARKS}/train_reconstruction/{{model}}/{{factor}}/{{arm}}/{{number}}.tsv"
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("24h"),
        gpu=lambda wildcards: gpus_of(RECONSTRUCTION.models[wildcards.model].training),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/train_reconstruction.py"


rule mixed_split:
    message: "split: {wildcards.share} % of the training slices keep their phase, number {wildcards.number}"
    input:
        original=lambda wildcards: training_data(RECONSTRUCTION, "original"),
        synthetic=lambda wildcards: training_data(RECONSTRUCTION, RECONSTRUCTION.phase_of(MIXES.phase)),
    output:
        SPLIT_TABLE,
    params:
        source=lambda wildcards: RECONSTRUCTION.phase_of(MIXES.phase),
        validation=lambda wildcards: RECONSTRUCTION.models[MIXES.models[0]].training.validation,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        code=digest("steps.mixed_split"),
    log:
        f"{LOGS}/mixed_split/{{number}}/{{share}}.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing("10m"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/mixed_split.py"


rule train_mix:
    message: "train reconstruction ({wildcards.model}, factor {wildcards.factor}), {wildcards.mode} at {wildcards.share} % original phase, number {wildcards.number}"
    input:
        stores=lambda wildcards: [
            training_data(RECONSTRUCTION, phase) for phase in mix_phases(wildcards.mode)
        ],
        phase_model=lambda wildcards: (
            [] if wildcards.mode == "only" else phase_model_behind(RECONSTRUCTION.phase_of(MIXES.phase))
        ),
        chosen=lambda wildcards: chosen_for(RECONSTRUCTION.arm_of_mix(wildcards.mode)),
        mix=SPLIT_TABLE,
        start=lambda wildcards: (
            rules.train_reconstruction.output.weights.replace("{arm}", MIXES.phase)
            if wildcards.mode == "tuned"
            else []
        ),
    output:
        weights=f"{RECONSTRUCTED}/mixes/{{mode}}/{{share}}/{{number}}/model.safetensors",
        history=f"{RECONSTRUCTED}/mixes/{{mode}}/{{share}}/{{number}}/history.csv",
    params:
        sources=lambda wildcards: mix_phases(wildcards.mode),
        mode=lambda wildcards: wildcards.mode,
        sampling=sampling_of,
        model=network_of,
        changes=lambda wildcards: RECONSTRUCTION.arms[RECONSTRUCTION.arm_of_mix(wildcards.mode)].changes(),
        number=lambda wildcards: int(wildcards.number),
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        checkpoints=f"{RECONSTRUCTED}/checkpoints",
        code=digest("steps.reconstruction"),
    log:
        f"{LOGS}/train_mix/{{model}}/{{factor}}/{{mode}}/{{share}}/{{number}}.log",
    benchmark:
        f"{BENCHMARKS}/train_mix/{{model}}/{{factor}}/{{mode}}/{{share}}/{{number}}.tsv"
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("24h"),
        gpu=lambda wildcards: gpus_of(RECONSTRUCTION.models[wildcards.model].training),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/train_reconstruction.py"


rule evaluate_reconstruction:
    message: "test reconstruction ({wildcards.model}, factor {wildcards.factor}) by {wildcards.arm}, number {wildcards.number}, on {wildcards.cohort}"
    input:
        weights=rules.train_reconstruction.output.weights,
        images=f"{COHORT}/images.zarr/zarr.json",
    output:
        table=f"{RECONSTRUCTED}/{{arm}}/{{number}}/{{cohort}}.parquet",
    params:
        sampling=sampling_of,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        names=lambda wildcards: {"source": wildcards.arm, "share": float("nan")},
        code=digest("steps.reconstruction_evaluation"),
    log:
        f"{LOGS}/evaluate_reconstruction/{{model}}/{{factor}}/{{arm}}/{{number}}/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/evaluate_reconstruction/{{model}}/{{factor}}/{{arm}}/{{number}}/{{cohort}}.tsv"
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing("4h"),
        gpu=lambda wildcards: min(1, gpus_of(RECONSTRUCTION.models[wildcards.model].training)),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/evaluate_reconstruction.py"


use rule evaluate_reconstruction as evaluate_mix with:
    message: "test reconstruction ({wildcards.model}, factor {wildcards.factor}), {wildcards.mode} at {wildcards.share} %, number {wildcards.number}, on {wildcards.cohort}"
    input:
        weights=rules.train_mix.output.weights,
        images=f"{COHORT}/images.zarr/zarr.json",
    output:
        table=f"{RECONSTRUCTED}/mixes/{{mode}}/{{share}}/{{number}}/{{cohort}}.parquet",
    params:
        sampling=sampling_of,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        names=lambda wildcards: {"source": wildcards.mode, "share": float(wildcards.share)},
        code=digest("steps.reconstruction_evaluation"),
    log:
        f"{LOGS}/evaluate_mix/{{model}}/{{factor}}/{{mode}}/{{share}}/{{number}}/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/evaluate_mix/{{model}}/{{factor}}/{{mode}}/{{share}}/{{number}}/{{cohort}}.tsv"


rule choose_compressed_sensing:
    message: "choose the weight of compressed sensing at factor {wildcards.factor}"
    input:
        lambda wildcards: training_data(
            RECONSTRUCTION, "original" if RECONSTRUCTION.original else "phasegen"
        ),
    output:
        f"{FLOORS}/compressed_sensing/chosen.json",
    params:
        sampling=sampling_of,
        validation=next(iter(RECONSTRUCTION.models.values())).training.validation,
        weights=RECONSTRUCTION.compressed_sensing.weights,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        code=digest("steps.reconstruction_floors"),
    log:
        f"{LOGS}/choose_compressed_sensing/{{factor}}.log",
    benchmark:
        f"{BENCHMARKS}/choose_compressed_sensing/{{factor}}.tsv"
    resources:
        mem_mb=growing(4000),
        runtime=growing("24h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/choose_compressed_sensing.py"


rule evaluate_floor:
    message: "test {wildcards.floor} at factor {wildcards.factor} on {wildcards.cohort}"
    input:
        images=f"{COHORT}/images.zarr/zarr.json",
        chosen=lambda wildcards: weight_of_compressed_sensing(wildcards.floor, wildcards.factor),
    output:
        table=f"{FLOORS}/{{floor}}/{{cohort}}.parquet",
    params:
        sampling=sampling_of,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        code=digest("steps.reconstruction_floors"),
    log:
        f"{LOGS}/evaluate_floor/{{factor}}/{{floor}}/{{cohort}}.log",
    benchmark:
        f"{BENCHMARKS}/evaluate_floor/{{factor}}/{{floor}}/{{cohort}}.tsv"
    resources:
        mem_mb=growing(4000),
        runtime=growing("8h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/evaluate_floor.py"
