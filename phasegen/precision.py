"""Whether a processor has the arithmetic that the configuration says."""

import logging
from pathlib import Path

from phasegen.settings import Device, Precision

UNITS = {"avx512_bf16", "amx_bf16", "bf16"}
"""How Linux calls units for bfloat16, on x86 and on ARM."""


def bfloat16_units() -> list[str]:
    """Units for bfloat16 that this processor reports; none where nothing reports them."""
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()
    return sorted(flags & UNITS)


def warn_of_emulation(precision: Precision, device: Device) -> None:
    """Say in the log when bfloat16 is to be emulated, which is many times slower than float32."""
    if precision == "bfloat16" and device == "cpu" and not bfloat16_units():
        logging.warning(
            "this processor reports no units for bfloat16 (%s), which will be many times slower "
            "than float32; say 'precision: float32'",
            ", ".join(sorted(UNITS)),
        )
