"""The moving average of the weights: of late steps, however few there were."""

import pytest
import torch

from phasegen.training.fit import _moving_average


def averaged(decay, steps, began=100.0, found=1.0):
    average = torch.tensor(began)
    for count in range(1, steps):
        average = _moving_average(decay, average, torch.tensor(found), torch.tensor(count))
    return float(average)


@pytest.mark.parametrize("steps", [60, 250, 2000])
@pytest.mark.parametrize("decay", [0.9, 0.99, 0.999])
def test_what_it_began_with_is_forgotten(decay, steps):
    assert averaged(decay, steps) == pytest.approx(1, abs=0.01)


def test_in_the_end_it_is_as_long_as_the_configuration_says():
    late = torch.tensor(100_000)
    found = _moving_average(0.999, torch.tensor(2.0), torch.tensor(1.0), late)
    assert float(found) == pytest.approx(1.999)
