# With results in a bucket (profiles/s3) there are the stores alone.
if workflow.storage_settings and workflow.storage_settings.default_storage_provider:

    include: "workflow/Snakefile.objects"

else:

    include: "workflow/Snakefile"


# An included file's default target is not carried over, so it is named here.
rule default:
    input:
        rules.all.input,
    default_target: True
