"""A processor without bfloat16 is told of, and no other."""

import logging

import pytest

from phasegen import precision


@pytest.fixture
def flags(monkeypatch, tmp_path):
    """A processor that reports these flags."""

    def report(text):
        file = tmp_path / "cpuinfo"
        file.write_text(text)
        monkeypatch.setattr(precision, "Path", lambda name: file)

    return report


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("flags : fpu avx2 avx512_bf16 amx_bf16\n", ["amx_bf16", "avx512_bf16"]),
        ("flags : fpu avx2 avx512_bf16x\n", []),
        ("Features : fp asimd bf16\n", ["bf16"]),
    ],
)
def test_units_are_whole_words_of_what_linux_reports(flags, line, units):
    flags(line)
    assert precision.bfloat16_units() == units


@pytest.mark.parametrize(
    ("line", "form", "device", "warned"),
    [
        ("flags : avx2", "bfloat16", "cpu", True),
        ("flags : avx512_bf16", "bfloat16", "cpu", False),
        ("flags : avx2", "float32", "cpu", False),
        ("flags : avx2", "bfloat16", "cuda", False),
    ],
)
def test_emulation_is_told(flags, caplog, line, form, device, warned):
    flags(line)
    with caplog.at_level(logging.WARNING):
        precision.warn_of_emulation(form, device)
    assert ("precision: float32" in caplog.text) == warned
