import pytest

from phasegen.sources.base import BadFile, Header
from phasegen.sources.claims import LEAST, RATIO, allowance, refuse_claim


def test_small_files_may_take_the_least_and_large_ones_a_multiple(tmp_path):
    path = tmp_path / "v"
    path.write_bytes(bytes(1000))
    refuse_claim(path, LEAST)
    with pytest.raises(BadFile, match=r"v: claims 576 MiB of memory from 1,000 bytes on disk \("):
        refuse_claim(path, LEAST + 1)
    refuse_claim(path, LEAST + 1, packed=LEAST)


def test_the_allowance_only_grows_and_always_holds_the_file_itself():
    sizes = [0, 1, 2**20, LEAST // RATIO, LEAST // RATIO + 1, 2**30, 2**40]
    allowances = [allowance(size) for size in sizes]
    assert allowances == sorted(allowances)
    assert all(allowed >= 64 * size for allowed, size in zip(allowances, sizes, strict=True))


@pytest.mark.parametrize("spacing", [(1e-5, 100), (0, 1), (-1, 1), (float("nan"), 1), (1, 1e300)])
def test_pixels_that_no_square_field_of_view_can_hold_are_refused(tmp_path, spacing):
    facts = {"role": "raw", "slices": 1, "coils": 1, "shape": (9, 9), "recon_shape": (9, 9)}
    with pytest.raises(BadFile, match="is absurd"):
        Header(path=tmp_path / "v", spacing_mm=spacing, **facts)
    assert Header(path=tmp_path / "v", spacing_mm=(0.01, 5), **facts)
