def recorded_items(_):
    """What a run's record waits for: every table that the configuration asks for."""
    found = [*rules.summary.output, *rules.data_crimes.output]
    if SETTINGS.skull_strip.test:
        tables = [rules.skull_strip_table.output.table]
        tables += [rules.skull_strip_sweep.output.table] * bool(SETTINGS.skull_strip.sweep)
        found += expand(tables, cohort=tested_cohorts(SETTINGS.skull_strip))
    if SETTINGS.reconstruction.test:
        tables = [rules.table_two.output.table, rules.table_three.output.table]
        found += expand(tables, cohort=reconstruction_cohorts())
    if TEST_COHORTS:
        found += expand(rules.phase_quality_table.output.table, size=QUALITY.sizes)
    return found
