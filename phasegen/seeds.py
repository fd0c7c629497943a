"""Random generators named by what they are for, never by where or when they run."""

import hashlib

import numpy as np

# What names a slice, whatever batch, shard or job it is in.
IDENTITY = ("cohort", "subject", "series", "slice")


def sequence(seed: int, *names: str | int) -> np.random.SeedSequence:
    """Seed sequence of one purpose, such as ``(seed, cohort, subject, slice)``.

    The names are hashed together, so that no two purposes share a stream and
    the stream of one never depends on batch, shard or job.
    """
    text = "\x1f".join(str(name) for name in names)
    words = np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype="<u4")
    return np.random.SeedSequence([seed, *(int(word) for word in words)])


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """NumPy generator for one purpose."""
    return np.random.Generator(np.random.PCG64(sequence(seed, *names)))


def integer(seed: int, *names: str | int) -> int:
    """63-bit seed for libraries that take one integer, such as torch."""
    return int(sequence(seed, *names).generate_state(1, np.uint64)[0] >> np.uint64(1))
