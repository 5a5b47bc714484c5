"""Numbers as the files hold them: JSON has no NaN and no infinity, so None stands for them."""

import math
from collections.abc import Sequence


def finite(value: float | None) -> float | None:
    """Return `value` as a float; None if it is None, NaN or infinite."""
    return None if value is None or not math.isfinite(value) else float(value)


def rounded(value: float) -> float | None:
    """Return `value` rounded to 6 significant digits; None if it is NaN or infinite."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def significant(values: Sequence[float]) -> list[float | None]:
    """Return values (n,) rounded to 6 significant digits, enough for any plot; None where not finite.

    Five times as fast as `rounded` on each of 2,000; the last digit may differ where two are equally near.
    """
    import numpy as np  # here: a worker writes its first status before it loads NumPy

    array = np.asarray(values, np.float64)
    with np.errstate(all="ignore"):
        scale = 10.0 ** (5 - np.floor(np.log10(np.abs(array))))
        nearest = np.where(np.isfinite(scale), np.round(array * scale) / scale, array)
    return [value if math.isfinite(value) else None for value in nearest.tolist()]
