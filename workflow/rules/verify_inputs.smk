def tables_of_results():
    """Tables that the configuration has data for."""
    rebuilt = ["table2"] + ["table3"] * RECONSTRUCTION.has_mixes
    return ["table1"] * bool(SKULL_STRIP.test) + rebuilt * bool(RECONSTRUCTION.test)


def verified(table):
    """Records of the checks of a table, one for each cohort."""
    cohorts = tested_cohorts(SKULL_STRIP) if table == "table1" else reconstruction_cohorts()
    return expand(rules.verify_table.output, table=table, cohort=cohorts)


def slices_behind(wildcards):
    """Per-slice tables that a table is made of."""
    if wildcards.table == "table1":
        return expand(TESTED_SLICES, cohort=wildcards.cohort)
    found = {"table2": table_two_slices, "table3": table_three_slices}
    return found[wildcards.table](wildcards)


def companions_of(wildcards):
    """What else is made of the slices behind a table."""
    patterns = [f"{TABLES}/{wildcards.table}_{{cohort}}_contrasts.csv"]
    if wildcards.table == "table1" and SKULL_STRIP.sweep:
        patterns.append(rules.skull_strip_sweep.output.table)
    return expand(patterns, cohort=wildcards.cohort)


def pairs_of(wildcards):
    """Sources that are compared in a table; Table III has none of the configuration."""
    own = {"table1": SKULL_STRIP.comparisons, "table2": RECONSTRUCTION.comparisons}
    return own.get(wildcards.table, [])


def cells_of(wildcards):
    """Rows that are due in a table, see `phasegen.report.table_checks`."""
    if wildcards.table == "table1":
        truth = "mask" if "mask" in arrays(wildcards.cohort) else "staple"
        return [
            {"truth": truth, "source": arm, "seeds": SKULL_STRIP.seeds} for arm in SKULL_STRIP.arms
        ]
    return table_two_cells() if wildcards.table == "table2" else table_three_cells()


def table_two_cells():
    cells = product(RECONSTRUCTION.models, RECONSTRUCTION.undersampling.factors)
    trained = [
        {
            "model": model,
            "factor": factor,
            "source": arm,
            "seeds": RECONSTRUCTION.seeds_for(arm, model, factor) or None,
        }
        for model, factor in cells
        for arm in RECONSTRUCTION.arms
    ]
    floors = product(RECONSTRUCTION.undersampling.factors, FLOOR_NAMES)
    return trained + [
        {"model": "", "factor": factor, "source": floor, "seeds": 0} for factor, floor in floors
    ]


def table_three_cells():
    mixed = [*product(RECONSTRUCTION.mixed_shares, MIXES.modes), (100, "mixed")]
    found = [
        {
            "model": model,
            "factor": MIXES.factor,
            "share": share,
            "source": mode,
            "seeds": mix_seeds(model, share),
        }
        for model, (share, mode) in product(RECONSTRUCTION.models, mixed)
    ]
    # The end of the curve stands there, if it was run, whether it is asked for or not.
    asked = 100 in MIXES.shares and "mixed" in MIXES.modes
    return [cell for cell in found if cell["seeds"] or cell["share"] < 100 or asked]


def mix_seeds(model, share):
    """Trainings of a mix; all of the slices are the arm of original phase."""
    arm = MIXES.phase if share < 100 else RECONSTRUCTION.original_arm
    trained = RECONSTRUCTION.seeds_for(arm, model, MIXES.factor)
    return trained if trained and model in MIXES.models else None
