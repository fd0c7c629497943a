"""What the Makefile asks of Snakemake, without running it."""

import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def reported(results):
    """Targets of ``make report`` for a folder of results."""
    command = ["make", "--dry-run", "report", f"RESULTS={results}"]
    shown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    (line,) = (part for part in shown.stdout.replace("\\\n", "").splitlines() if "--report" in part)
    return line.partition(" -- ")[2].split()


def test_a_report_asks_for_what_was_made_alone(tmp_path):
    """A part of a target, such as the numbers of a figure that nobody asked for, is not one."""
    for name in (
        "tables/summary.csv",
        "tables/phase_quality_64.csv",
        "tables/table1_simulated-test.md",
        "tables/table2_simulated-test.csv",
        "figures/figure2_simulated-magnitude.svg",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert reported(tmp_path) == ["table1", "figure2"]
    (tmp_path / "figures/phase_quality_64.svg").touch()
    (tmp_path / "figures/contact_sheet_simulated-magnitude.png").touch()
    assert reported(tmp_path) == ["all", "table1", "figure2", "phase_quality"]
