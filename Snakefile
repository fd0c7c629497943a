include: "workflow/Snakefile"


# An included file's default target is not carried over, so it is named here.
rule default:
    input:
        rules.all.input,
    default_target: True
