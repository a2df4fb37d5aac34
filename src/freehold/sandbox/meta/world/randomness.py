"""Chance that is a function of a seed and of what it is for, so that nothing has to be remembered."""

import math
from hashlib import blake2b
from struct import unpack

WORD = 2**32


def draws(seed: int, *keys: object) -> tuple[float, ...]:
    """Eight independent numbers in [0, 1) that depend on seed and keys alone."""
    text = ":".join(map(str, (seed, *keys))).encode()
    return tuple(part / WORD for part in unpack("<8I", blake2b(text, digest_size=32).digest()))


def lognormal(first: float, second: float, sigma: float) -> float:
    """A log-normal factor with median 1, from two uniform numbers (Box-Muller)."""
    return math.exp(sigma * math.sqrt(-2.0 * math.log(1.0 - first)) * math.cos(2.0 * math.pi * second))
