"""One subject in the scanner: from random traits to complex images, all of it pure arrays."""

from dataclasses import dataclass, replace

import numpy as np

from phasegen import seeds
from phasegen.fourier import centre_crop_or_pad, to_image, to_kspace
from phasegen.mri import anatomy, coil, contrast, field, head, phase, template
from phasegen.mri.anatomy import Anatomy
from phasegen.mri.contrast import Protocol
from phasegen.mri.noise import complex_noise
from phasegen.mri.tissues import FAT_SHIFT, GAMMA_BAR, Tissue
from phasegen.settings import Simulation

FOV = 240.0
"""Field of view [mm]."""

CENTRE_Y = -13.0
"""Anterior position of the centre of the field of view [mm]."""

THICKNESS = 4.5
"""Thickness of a slice [mm]."""

SHEETS = 4
"""Thin slices that make a slice: their complex sum dephases as spins do."""

LEVELS = (-29.0, 64.0)
"""Template heights of the first and the last slice [mm]: upper orbits, below the vertex."""

FIELD_GRID = 2.5
"""Voxel of the field calculation [mm]."""


@dataclass(frozen=True)
class Grid:
    """Pixels of the axial slices in scanner coordinates [mm], RAS+."""

    x: np.ndarray
    """Columns, ascending, to the right."""
    y: np.ndarray
    """Rows, descending: anterior first."""
    z: np.ndarray
    """Slices, ascending, to superior."""

    def finer(self, factor: int) -> "Grid":
        """Grid of ``factor`` times the pixels over the same field of view, centres aligned."""
        return Grid(finer_axis(self.x, factor), finer_axis(self.y, factor), self.z)

    def unit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coordinates scaled to about -1 to 1 over the head."""
        return self.x / 100, (self.y - CENTRE_Y) / 100, (self.z - 15) / 60


@dataclass(frozen=True)
class Subject:
    """Anatomy, field and receive coil of one subject."""

    name: str
    grid: Grid
    factor: int
    """Fine pixels per pixel and axis."""
    fractions: np.ndarray
    """Tissues of the thin slices: float32 (slice, sheet, tissue, y, x) on the fine grid."""
    brain: np.ndarray
    """Share of brain with sulci and ventricles: float32 (slice, sheet, y, x)."""
    shift: np.ndarray
    """Relative field shift (dB/B0) after shimming: float32 (slice, sheet, y, x)."""
    coil: np.ndarray
    """Receive sensitivity, complex64 (slice, y, x) on the fine grid."""


def make_grid(subject: Anatomy, simulation: Simulation) -> Grid:
    """Where the slices of one subject lie."""
    index = np.arange(simulation.matrix) - simulation.matrix // 2
    step = FOV / simulation.matrix
    low, high = (subject.level(z) for z in LEVELS)
    count = simulation.slices
    z = np.linspace(low, high, count) if count > 1 else np.array([(low + high) / 2])
    return Grid(index * step, CENTRE_Y - index * step, z)


def finer_axis(positions: np.ndarray, factor: int) -> np.ndarray:
    """``factor`` times the positions at equal distances, index ``n // 2`` staying in place."""
    count = len(positions) * factor
    step = (positions[1] - positions[0]) / factor
    return positions[len(positions) // 2] + step * (np.arange(count) - count // 2)


def make_subject(name: str, simulation: Simulation, seed: int) -> Subject:
    """Draw a subject and lay it into the scanner."""
    body = anatomy.draw(seeds.generator(seed, "simulation", name, "anatomy"))
    grid = make_grid(body, simulation)
    factor = max(2, -(-256 // simulation.matrix))
    fine = grid.finer(factor)
    field_map = make_field(body)
    offsets = (np.arange(SHEETS) - (SHEETS - 1) / 2) * (THICKNESS / SHEETS)
    # Painted in place: stacked slices would be copied once more, hundreds of megabytes.
    sheets = (grid.z.size, SHEETS), (fine.y.size, fine.x.size)
    fractions = np.empty((*sheets[0], len(Tissue), *sheets[1]), np.float32)
    brain, shift = (np.empty((*sheets[0], *sheets[1]), np.float32) for _ in range(2))
    for number, z in enumerate(grid.z):
        place = (fine.x, fine.y, z + offsets)
        _paint_head(body, *place, FOV / fine.x.size, fractions[number], brain[number])
        shift[number] = _on_grid(field_map, *place)
    random = seeds.generator(seed, "simulation", name, "coil")
    return Subject(
        name=name,
        grid=grid,
        factor=factor,
        fractions=fractions,
        brain=brain,
        shift=shift,
        coil=coil.birdcage(random, fine.x, fine.y, grid.z, simulation.field_strength),
    )


def replace_field(subject: Subject, shift: np.ndarray) -> Subject:
    """The same subject in another field (dB/B0), float32 (slice, sheet, y, x)."""
    return replace(subject, shift=shift)


def head_on_grid(
    body: Anatomy, x: np.ndarray, y: np.ndarray, z: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fractions (z, tissue, y, x) and brain (z, y, x) on a grid in scanner coordinates, float32."""
    fractions = np.empty((z.size, len(Tissue), y.size, x.size), np.float32)
    brain = np.empty((z.size, y.size, x.size), np.float32)
    _paint_head(body, x, y, z, width, fractions, brain)
    return fractions, brain


def _paint_head(
    body: Anatomy,
    x: np.ndarray,
    y: np.ndarray,
    z: np.ndarray,
    width: float,
    fractions: np.ndarray,
    brain: np.ndarray,
) -> None:
    """As `head_on_grid`, into arrays that are there."""
    for index in range(z.size):
        level = z[index : index + 1]
        points, folded = (tuple(p[0] for p in part) for part in body.points(x, y, level))
        texture = body.texture.on_grid(x, y, level)[:, 0]
        fractions[index], brain[index] = head.tissues(
            template.load(), body.traits, points, folded, texture, width
        )


def make_field(body: Anatomy) -> template.Map:
    """Relative field shift (dB/B0) round the head after a second-order shim over the brain."""
    x = np.arange(-100.0, 101.0, FIELD_GRID)
    y = np.arange(-134.0, 107.0, FIELD_GRID)
    z = np.arange(-126.0, 107.0, FIELD_GRID)
    sheets, _ = head_on_grid(body, x, y, z, FIELD_GRID)
    fractions = np.moveaxis(sheets, 1, 0)
    shift = field.field_shift(field.susceptibility(fractions))
    brain = fractions[Tissue.WHITE] + fractions[Tissue.GREY]
    basis = phase.polynomials(x / 100, (y - CENTRE_Y) / 100, (z - 15) / 60, phase.SHIM_ORDER)
    shimmed = field.shim(shift, brain, basis)
    return template.Map(np.ascontiguousarray(shimmed.T), (x[0], y[0], z[0]), FIELD_GRID)


def _on_grid(values: template.Map, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    points = np.meshgrid(z, y, x, indexing="ij")
    return values.at(tuple(points[::-1]))


def image(subject: Subject, contrast_name: str, simulation: Simulation, seed: int) -> np.ndarray:
    """Noise-free complex image of one contrast, complex64 (slice, y, x), anterior row first."""
    protocol = contrast.PROTOCOLS[contrast_name]
    strength = simulation.field_strength
    random = seeds.generator(seed, "simulation", subject.name, f"phase {contrast_name}")
    receive = subject.coil * scanner_phase(random, subject, protocol)
    ramp = fat_displacement(subject.grid.x.size, protocol, strength)[:, None]
    slices = []
    for fractions, shift, sensitivity in zip(
        subject.fractions, subject.shift, receive, strict=True
    ):
        water, fat = contrast.water_and_fat(np.moveaxis(fractions, 1, 0), protocol, strength)
        if protocol.sequence == "gradient echo":
            water, fat = precess(water, fat, shift, protocol.te, strength)
        spectrum = _acquire(water.mean(0) * sensitivity, subject)
        spectrum += _acquire(fat.mean(0) * sensitivity, subject) * ramp
        slices.append(to_image(spectrum))
    return np.stack(slices)


def precess(
    water: np.ndarray, fat: np.ndarray, shift: np.ndarray, te: float, field_strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """Spins after ``te`` [s] in the field shift (dB/B0), complex64; fat has its chemical shift."""
    radians = np.float32(2 * np.pi * GAMMA_BAR * field_strength * te)
    spins = np.exp(1j * (radians * shift))
    return water * spins, fat * (spins * np.complex64(np.exp(1j * radians * FAT_SHIFT)))


def fat_displacement(size: int, protocol: Protocol, field_strength: float) -> np.ndarray:
    """Factor on the rows of k-space that moves fat along the readout, complex64 (size,)."""
    pixels = FAT_SHIFT * GAMMA_BAR * field_strength / protocol.bandwidth
    return np.exp(-1j * phase.echo_shift(size, pixels))


def scanner_phase(random: np.random.Generator, subject: Subject, protocol: Protocol) -> np.ndarray:
    """Shim and eddy residue, echo shift and global phase: complex64 (slice, y, x), fine grid."""
    fine = subject.grid.finer(subject.factor)
    angle = phase.random_polynomial(random, *fine.unit(), phase.EDDY)
    if protocol.sequence == "gradient echo":
        residue = phase.random_polynomial(random, *fine.unit(), phase.SHIM_RESIDUE)
        angle += np.float32(2 * np.pi * protocol.te) * residue
    shift = phase.echo_shift(fine.y.size, random.uniform(-1, 1) * phase.ECHO_SHIFT)
    angle += shift[:, None] + np.float32(random.uniform(-np.pi, np.pi))
    return np.exp(1j * angle)


def _acquire(fine: np.ndarray, subject: Subject) -> np.ndarray:
    """K-space of the matrix from an image on the fine grid, of the same mean intensity."""
    size = subject.grid.x.size
    return centre_crop_or_pad(to_kspace(fine), (size, size)) * np.float32(subject.factor)


def _share(subject: Subject, fine: np.ndarray) -> np.ndarray:
    """A share of every voxel (slice, sheet, y, x), seen at the matrix: float32 (slice, y, x)."""
    return np.stack([to_image(_acquire(part.mean(0), subject)).real for part in fine])


def brain_mask(subject: Subject) -> np.ndarray:
    """Brain with its sulci and ventricles, bool (slice, y, x)."""
    return _share(subject, subject.brain) > 0.5


def white_matter(subject: Subject) -> np.ndarray:
    """Pixels of white matter alone, bool (slice, y, x)."""
    share = _share(subject, subject.fractions[:, :, Tissue.WHITE])
    # with large pixels none may be pure: the purest then
    return share > min(0.95, 0.9 * float(share.max()))


def noise_sigma(image: np.ndarray, white: np.ndarray, snr: float) -> float:
    """Standard deviation of one noise channel, ``snr`` being that of the mean white matter."""
    return float(np.abs(image[white]).mean(dtype=float) / snr)


def add_noise(
    image: np.ndarray, subject: Subject, contrast_name: str, simulation: Simulation, seed: int
) -> np.ndarray:
    """Image as received, complex64."""
    random = seeds.generator(seed, "simulation", subject.name, f"noise {contrast_name}")
    sigma = noise_sigma(image, white_matter(subject), simulation.snr)
    return image + complex_noise(random, image.shape, sigma)
