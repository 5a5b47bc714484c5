"""Numbers and lists as English words, for sentences of the doctor, the trials and the inspection."""

from collections.abc import Iterable

NEXT_TO_NOTHING = 1e-6
"""Share below which its size no longer matters."""


def listed(names: Iterable[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`; an empty text for no names."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 epoch`, `1,200 epochs`; `plural` is needed where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def listed_layers(names: Iterable[str]) -> str:
    """Return the names of layers as `listed`; more than four in a row as `layers.0 to layers.49`."""
    found = [*names]
    numbers = [int(name.rpartition(".")[2]) for name in found]
    is_row = len(found) > 4 and numbers == list(range(numbers[0], numbers[0] + len(found)))
    return f"{found[0]} to {found[-1]}" if is_row else listed(found)


def percent(share: float) -> str:
    """Return a share as `97.1 %`; it reads 0 or 100 only if it is that to a thousandth of a percentage point."""
    shown = round(100 * share, 3) + 0.0  # no minus before a 0
    if shown in (0.0, 100.0):
        return f"{shown:.0f} %"
    digits = next((digits for digits in (1, 2) if round(shown, digits) not in (0.0, 100.0)), 3)
    return f"{shown:.{digits}f} %"


def rough_percent(share: float) -> str:
    """Return `450 %`, `12 %`, `0.0035 %`, or `less than 0.0001 %` for a share below `NEXT_TO_NOTHING`."""
    if 0 < share < NEXT_TO_NOTHING:
        return "less than 0.0001 %"
    return f"{two_digits(100 * share)} %"


def two_digits(value: float) -> str:
    """Return a positive number to two significant digits: `0.0035`, `3.5`, `16,000`, or `over a million`."""
    if value >= 1e6:
        return "over a million"
    return f"{float(f'{value:.2g}'):,.0f}" if value >= 10 else f"{value:.2g}".rstrip(".")
