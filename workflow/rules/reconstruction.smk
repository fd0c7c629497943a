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
        model=model_of,
        changes=lambda wildcards: RECONSTRUCTION.arms[wildcards.arm].changes()
        | {name: float(wildcards[name]) for name in RECONSTRUCTION.search},
        number=0,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        checkpoints=f"{RECONSTRUCTED}/checkpoints",
        code=digest("steps.reconstruction"),
    log:
        f"{LOGS}/search_reconstruction/{{model}}/{{factor}}/{{arm}}/{RECONSTRUCTION_SEARCHED.wildcard_pattern}.log",
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=4000,
        runtime="24h",
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
        code=digest("steps.reconstruction"),
    log:
        f"{LOGS}/choose_reconstruction/{{model}}/{{factor}}/{{arm}}.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/choose_reconstruction.py"


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
        model=model_of,
        changes=lambda wildcards: RECONSTRUCTION.arms[wildcards.arm].changes(),
        number=lambda wildcards: int(wildcards.number),
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        checkpoints=f"{RECONSTRUCTED}/checkpoints",
        code=digest("steps.reconstruction"),
    log:
        f"{LOGS}/train_reconstruction/{{model}}/{{factor}}/{{arm}}/{{number}}.log",
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=4000,
        runtime="24h",
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
        validation=lambda wildcards: RECONSTRUCTION.models[MIXES.model].training.validation,
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        code=digest("steps.mixed_split"),
    log:
        f"{LOGS}/mixed_split/{{number}}/{{share}}.log",
    resources:
        mem_mb=2000,
        runtime="10m",
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
        chosen=lambda wildcards: chosen_for(mix_arm(wildcards.mode)),
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
        model=model_of,
        changes=lambda wildcards: RECONSTRUCTION.arms[mix_arm(wildcards.mode)].changes(),
        number=lambda wildcards: int(wildcards.number),
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        checkpoints=f"{RECONSTRUCTED}/checkpoints",
        code=digest("steps.reconstruction"),
    log:
        f"{LOGS}/train_mix/{{model}}/{{factor}}/{{mode}}/{{share}}/{{number}}.log",
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=4000,
        runtime="24h",
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
    threads: lambda wildcards: RECONSTRUCTION.models[wildcards.model].training.threads
    resources:
        mem_mb=4000,
        runtime="4h",
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
    resources:
        mem_mb=4000,
        runtime="4h",
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
    resources:
        mem_mb=4000,
        runtime="8h",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/evaluate_floor.py"


rule reconstruct_cohort:
    message: "reconstruct {wildcards.cohort} by {wildcards.shown} for the sheet"
    input:
        images=f"{COHORT}/images.zarr/zarr.json",
        weights=shown_weights,
        chosen=lambda wildcards: weight_of_compressed_sensing(wildcards.shown, MIXES.factor),
    output:
        temp(f"{SETTINGS.results}/reconstruction/sheet/{{cohort}}/{{shown}}.npz"),
    params:
        sampling=lambda wildcards: RECONSTRUCTION.sampling(MIXES.factor),
        seed=SETTINGS.seed,
        split=RECONSTRUCTION.split,
        code=digest("steps.reconstruction_floors"),
    log:
        f"{LOGS}/reconstruct_cohort/{{cohort}}/{{shown}}.log",
    resources:
        mem_mb=8000,
        runtime="4h",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/reconstruct_cohort.py"


rule table_two:
    message: "Table II: reconstruction on {wildcards.cohort}"
    input:
        slices=table_two_slices,
        paper=workflow.source_path("../../resources/paper_tables.csv"),
    output:
        table=report(
            f"{TABLES}/table2_{{cohort}}.csv",
            caption="../report/table_two.rst",
            category="Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table II"},
        ),
        comparisons=report(
            f"{TABLES}/table2_{{cohort}}_comparisons.csv",
            caption="../report/table_two.rst",
            category="Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table II, paired differences"},
        ),
        contrasts=f"{TABLES}/table2_{{cohort}}_contrasts.csv",
        markdown=f"{TABLES}/table2_{{cohort}}.md",
    params:
        pairs=RECONSTRUCTION.comparisons,
        expected=[
            (model, factor, arm)
            for model in RECONSTRUCTION.models
            for factor in RECONSTRUCTION.undersampling.factors
            for arm in RECONSTRUCTION.arms
        ],
        seed=SETTINGS.seed,
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/table_two/{{cohort}}.log",
    resources:
        mem_mb=3000,
        runtime="1h",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/table_two.py"


rule table_three:
    message: "Table III: mixed splits on {wildcards.cohort}"
    input:
        slices=table_three_slices,
        paper=workflow.source_path("../../resources/paper_tables.csv"),
    output:
        table=report(
            f"{TABLES}/table3_{{cohort}}.csv",
            caption="../report/table_three.rst",
            category="Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table III"},
        ),
        comparisons=report(
            f"{TABLES}/table3_{{cohort}}_comparisons.csv",
            caption="../report/table_three.rst",
            category="Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Table III, paired differences"},
        ),
        contrasts=f"{TABLES}/table3_{{cohort}}_contrasts.csv",
        markdown=f"{TABLES}/table3_{{cohort}}.md",
    params:
        expected=[
            (model, MIXES.factor, share, mode)
            for model in RECONSTRUCTION.models
            for share in MIXES.shares
            for mode in MIXES.modes
            if share < 100 or mode == "mixed"
        ],
        seed=SETTINGS.seed,
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/table_three/{{cohort}}.log",
    resources:
        mem_mb=3000,
        runtime="1h",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/table_three.py"


rule figure_five:
    message: "Figure 5: reconstruction on {wildcards.cohort}"
    input:
        table_two_slices,
    output:
        report(
            f"{FIGURES}/figure5_{{cohort}}.svg",
            caption="../report/figure_five.rst",
            category="Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Figure 5"},
        ),
    params:
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/figure_five/{{cohort}}.log",
    resources:
        mem_mb=3000,
        runtime="10m",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/figure_five.py"


rule figure_six:
    message: "Figure 6: reconstruction against the share of original phase on {wildcards.cohort}"
    input:
        two=rules.table_two.output.table,
        three=rules.table_three.output.table,
    output:
        figure=report(
            f"{FIGURES}/figure6_{{cohort}}.svg",
            caption="../report/figure_six.rst",
            category="Reconstruction",
            labels={"cohort": "{cohort}", "figure": "Figure 6"},
        ),
    params:
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/figure_six/{{cohort}}.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/figure_six.py"


rule reconstruction_sheet:
    message: "best, median and worst reconstructions of {wildcards.cohort}"
    input:
        images=sheet_images,
        slices=sheet_slices,
    output:
        report(
            f"{FIGURES}/reconstruction_{{cohort}}.png",
            caption="../report/reconstruction_sheet.rst",
            category="Reconstruction",
            labels={"cohort": "{cohort}", "figure": "best, median, worst"},
        ),
    params:
        names=[*FLOOR_NAMES, *shown_arms()],
        code=digest("steps.reconstruction_report"),
    log:
        f"{LOGS}/reconstruction_sheet/{{cohort}}.log",
    resources:
        mem_mb=4000,
        runtime="10m",
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/reconstruction_sheet.py"
