"""The steps that + and - take: a ladder of values for each kind of number."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

Number = int | float


def _decades(first: int, last: int) -> tuple[float, ...]:
    """Return 1, 2, 5 in each decade from 10^first up to 10^last."""
    steps = [float(f"{digit}e{power}") for power in range(first, last) for digit in (1, 2, 5)]
    return (*steps, float(f"1e{last}"))


def _whole(ladder: Sequence[float]) -> tuple[int, ...]:
    return tuple(int(step) for step in ladder)


_DOUBLING = tuple(2**power for power in range(21))
_COUNTS = _whole(_decades(0, 7))
_SHARES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)
_FACTORS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
_SMALL_SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
_DROPPED = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_RATES = _decades(-6, 2)
_SIGNED = (*(-step for step in reversed(_decades(-3, 1))), 0.0, *_decades(-3, 1))

LADDERS: dict[str, Sequence[Number]] = {
    "units": _DOUBLING,
    "batch_size": _DOUBLING[:15],
    "epochs": _COUNTS,
    "every": _COUNTS,
    "limit": (0, *_whole(_decades(2, 7))),
    "samples": (0, *_whole(_decades(2, 6))),
    "warmup": (0, *_whole(_decades(1, 5))),
    "lr": _RATES,
    "slope": _RATES,
    "eps": tuple(float(f"1e{power}") for power in range(-12, -1)),
    "weight_decay": (0.0, *_decades(-6, 0)),
    "clip_norm": (0.0, *_decades(-2, 3)),
    "noise": (0.0, *_decades(-2, 1)),
    "std": (0.0, *_decades(-4, 1)),
    "threshold": (0.0, *_decades(-5, -1)),
    "momentum": _SHARES,
    "layer.momentum": _FACTORS,
    "rate": _DROPPED,
    "alpha": _SHARES,
    "beta1": _SHARES,
    "beta2": _SHARES,
    "gamma": _FACTORS,
    "final": (0.0, *_FACTORS),
    "rise": _SMALL_SHARES[1:],
    "validation": _SMALL_SHARES,
    "start": _decades(0, 3),
    "end": _decades(0, 6),
    "low": _SIGNED,
    "high": _SIGNED,
    "mean": _SIGNED,
    "value": _SIGNED,
}
"""By the last part of the key, with the prefix `layer.` for ladders of layers; any other number steps by 1."""


def stepped(key: str, value: Number, direction: int, samples: int | None = None) -> Number:
    """Return the next value of `key` above (`direction` 1) or below (-1) `value`, within the ends of its ladder.

    Above the ladder's last batch size below `samples` comes 0, the whole training set.
    """
    last = key.rpartition(".")[2]
    if last == "batch_size":
        return _stepped_batch(int(value), direction, samples)
    place = "layer." if key.startswith(("network.layers[", "layer.")) else ""
    ladder = LADDERS.get(place + last, LADDERS.get(last))
    if ladder is None:
        return max(0, int(value) + direction)
    return _next(ladder, value, direction)


def _next(ladder: Sequence[Number], value: Number, direction: int) -> Number:
    index = bisect_right(ladder, value) if direction > 0 else bisect_left(ladder, value) - 1
    return ladder[index] if 0 <= index < len(ladder) else value


def _stepped_batch(value: int, direction: int, samples: int | None) -> int:
    ladder = [size for size in LADDERS["batch_size"] if samples is None or size < samples] or [1]
    if value == 0:
        return 0 if direction > 0 else int(ladder[-1])
    if direction > 0 and value >= ladder[-1]:
        return 0
    return int(_next(ladder, value, direction))
