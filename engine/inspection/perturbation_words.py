"""The strength of a perturbation in words."""

SIGNS = {"pixels": " px", "degrees": "°", "standard deviations": " σ"}


def short_strength(strength: float, unit: str) -> str:
    """Return the strength to two digits with a sign for the unit, a share in percent: `30 %`, `2 px`, `15°`, `0.5 σ`."""
    rounded = float(f"{strength:.2g}")
    if is_share(unit):
        return f"{100 * rounded:.3g} %"
    return f"{rounded:g}{SIGNS.get(unit, ' ' + unit)}"


def long_strength(strength: float, unit: str) -> str:
    """Return the strength in full: `30 % of the pixel range`, `1 pixel`."""
    if is_share(unit):
        return f"{100 * strength:.3g} % {unit}"
    return f"{strength:g} {unit[:-1] if strength == 1 else unit}"


def is_share(unit: str) -> bool:
    """Return True if the unit is a share of something."""
    return unit.startswith("of the")
