"""The hidden layers of a network as text: `"128,64"`."""

from engine.errors import ExperimentError, Problem

HINT = 'the units of each hidden layer, as in --layers 128,64; --layers "" for none'


def parse_hidden(text: str) -> list[int]:
    """Return the units in "128,64"; none in "".

    Raises:
        ExperimentError: a part is not a whole number of at least 1.
    """
    return [_units(part.strip(), text) for part in text.split(",")] if text.strip() else []


def _units(part: str, text: str) -> int:
    try:
        units = int(part)
    except ValueError:
        raise _wrong(text, f'"{part[:40]}" is not a whole number') from None
    if units < 1:
        raise _wrong(text, f"{units} units: a layer needs at least 1")
    return units


def _wrong(text: str, reason: str) -> ExperimentError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return ExperimentError([Problem("--layers", f'--layers "{shown}": {reason}', HINT)])
