"""The cohort picture is a PNG, the same for the same files."""

from matplotlib.image import imread

from phasegen.report.cohort_picture import cohort_picture
from phasegen.settings import Simulation
from phasegen.steps.simulate import simulate_subject


def test_picture(tmp_path):
    simulation = Simulation(groups={"a": 1}, contrasts=["T1w", "GRE"], matrix=48, slices=2)
    simulate_subject("sub-001", tmp_path, simulation, 1)
    mask = tmp_path / simulation.mask_file("sub-001")
    subjects = [(tmp_path / simulation.raw_file("sub-001", c), mask) for c in ("T1w", "GRE")]
    first, second = tmp_path / "report" / "a.png", tmp_path / "report" / "b.png"
    cohort_picture(subjects, first)
    cohort_picture(subjects, second)
    picture = imread(first)
    assert picture.shape[0] > 500
    assert picture.std() > 0.1
    assert first.read_bytes() == second.read_bytes()
