"""Tissues of the head with their MR properties at 3 T, and how these change with the field.

Sources: brain T1, T2 and T2*, Wansapura et al., J Magn Reson Imaging 9:531 (1999); growth of
T1 with the field, Rooney et al., Magn Reson Med 57:308 (2007); muscle and
subcutaneous fat, Gold et al., AJR 183:343 (2004); water content, Tofts, Quantitative MRI of
the Brain (2003); susceptibilities, Schenck, Med Phys 23:815 (1996), and Hopkins & Wehrli,
Magn Reson Med 37:494 (1997) for bone. Skin, marrow and the exponents outside the brain are
round values of our choice.
"""

from dataclasses import dataclass
from enum import IntEnum

GAMMA_BAR = 42.577478518e6
"""Gyromagnetic ratio of the proton over 2 pi [Hz/T] (CODATA 2018)."""

FAT_SHIFT = -3.5e-6
"""Chemical shift of the methylene protons of fat against water."""

AIR_CHI = 0.36e-6
"""Volume susceptibility of air (SI)."""


class Tissue(IntEnum):
    """Index of a tissue in an array of fractions; air is what is left to one."""

    WHITE = 0
    GREY = 1
    CSF = 2
    BONE = 3
    MARROW = 4
    FAT = 5
    MUSCLE = 6
    SKIN = 7
    VITREOUS = 8


@dataclass(frozen=True)
class Properties:
    """MR properties of one tissue at 3 T."""

    t1: float
    """Longitudinal relaxation time [s]."""
    t1_exponent: float
    """T1 grows with the field strength to this power."""
    t2: float
    """Transverse relaxation time [s]."""
    r2_prime: float
    """1/T2* - 1/T2 [1/s]; grows in proportion to the field strength."""
    density: float
    """Visible protons, pure water being 1."""
    chi: float
    """Volume susceptibility (SI)."""
    fat: float = 0.0
    """Share of the protons that resonate as fat."""

    def t1_at(self, field_strength: float) -> float:
        """T1 [s] at a field strength [T]."""
        return self.t1 * (field_strength / 3.0) ** self.t1_exponent

    def t2_star_at(self, field_strength: float) -> float:
        """T2* [s] at a field strength [T], the macroscopic field left out."""
        return 1.0 / (1.0 / self.t2 + self.r2_prime * field_strength / 3.0)


PROPERTIES: dict[Tissue, Properties] = {
    Tissue.WHITE: Properties(0.832, 0.38, 0.080, 7.5, 0.70, -9.05e-6),
    Tissue.GREY: Properties(1.331, 0.38, 0.110, 12.0, 0.82, -9.03e-6),
    Tissue.CSF: Properties(4.2, 0.0, 1.5, 0.5, 1.0, -9.05e-6),
    Tissue.BONE: Properties(0.25, 0.2, 0.0006, 100.0, 0.25, -11.3e-6),
    Tissue.MARROW: Properties(0.50, 0.15, 0.060, 60.0, 0.50, -9.6e-6, fat=0.5),
    Tissue.FAT: Properties(0.37, 0.1, 0.133, 15.0, 0.80, -8.4e-6, fat=0.9),
    Tissue.MUSCLE: Properties(1.42, 0.38, 0.032, 8.0, 0.78, -9.03e-6),
    Tissue.SKIN: Properties(0.90, 0.3, 0.030, 15.0, 0.65, -9.05e-6),
    Tissue.VITREOUS: Properties(4.0, 0.0, 0.9, 0.5, 0.98, -9.05e-6),
}
