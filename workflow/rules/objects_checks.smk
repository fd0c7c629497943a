# What cannot be done with results in a bucket is told before any work begins.
ELSEWHERE = (
    *("phase_quality", "sampling_steps", "exports", "paper", "record", "verify_results"),
    *("table1", "table2", "table3", "tableA1", "tableA2", "tableA3"),
    *("figure2", "figure3", "figure4", "figure5", "figure6"),
)


def refused(target):
    """Input function of a target that is not made here."""
    return lambda _: sys.exit(
        f"error: {target}: with results on object storage the workflow makes the stores alone; ask "
        "for no target there, and for tables and figures without that profile"
    )


for section in ("ingest", "synthesis"):
    if getattr(SETTINGS, section).shards_per_job > 1:
        sys.exit(
            f"error: {section}.shards_per_job: must be 1 with results on object storage, where no "
            "shard is uploaded but the one that is named as output"
        )
if "phasegen" in SETTINGS.synthesis.sources and not given_weights(None):
    sys.exit(
        f"error: phase_models.{SETTINGS.synthesis.model}.weights: must name a file with results on "
        "object storage, where no model is trained; train it without that profile first"
    )

# Else a file would be recorded under the name of its local copy.
prefix = STORAGE.default_storage_prefix.removeprefix("s3://")
copies = STORAGE.local_storage_prefix / STORAGE.default_storage_provider / prefix
os.environ.update(PHASEGEN_LOCAL_COPIES=str(copies.absolute()))
