# What runs where the network is, also when all else goes to a cluster.
localrules:
    retrieve,


rule retrieve:
    message: "retrieve the data set {wildcards.dataset}"
    output:
        local(SETTINGS.datasets.mark("{dataset}")),
    params:
        files=lambda wildcards: facts_of(wildcards.dataset),
        placed=lambda wildcards: placed_by_hand(wildcards.dataset),
        datasets=SETTINGS.datasets.model_dump(mode="json"),
        code=digest("steps.retrieve"),
    log:
        f"{LOGS}/retrieve/{{dataset}}.log",
    benchmark:
        f"{BENCHMARKS}/retrieve/{{dataset}}.tsv"
    # What has to be asked for is to be told before anything heavy begins.
    priority: 200
    resources:
        mem_mb=growing(500),
        runtime=growing("48h"),
    conda:
        "../../envs/phasegen.yaml"
    script:
        "../scripts/retrieve.py"
