"""Differences between two experiments, and suggested fixes applied to one."""

from typing import Any

from engine.experiment.change_groups import ChangedSettings
from engine.experiment.overrides import apply_changes, value_at


def differences(before: Any, after: Any, key: str = "") -> dict[str, Any]:
    """Return the dotted keys whose values differ, with the values of `after`.

    Both are plain tables. Lists of equal length are compared item by item, other lists as a whole.
    """
    if isinstance(before, dict) and isinstance(after, dict) and _kind(before) == _kind(after):
        found: dict[str, Any] = {}
        for name, value in after.items():
            found |= differences(before.get(name), value, f"{key}.{name}" if key else name)
        return found
    if not key and isinstance(after, dict):
        found = {}
        for name, value in after.items():
            before_value = before.get(name) if isinstance(before, dict) else None
            found |= differences(before_value, value, name)
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        found = {}
        for i, (one, other) in enumerate(zip(before, after, strict=True)):
            found |= differences(one, other, f"{key}[{i}]")
        return found
    return {} if before == after else {key: after}


def _kind(table: dict[str, Any]) -> tuple[object, object]:
    """Return the name and type of a table; tables that differ in them are compared as a whole."""
    return table.get("name"), table.get("type")


def changed(before: Any, after: Any) -> ChangedSettings:
    """Return the dotted keys whose values differ in plain tables, with (value before, value after); None: no value."""
    found = ChangedSettings(
        {key: (value_at(before, key), value) for key, value in differences(before, after).items()}
    )
    layers = value_at(after, "network.layers")
    found.n_layers = len(layers) if isinstance(layers, list) else 0
    return found


def with_fix(raw: dict[str, Any], remedy: dict[str, object]) -> tuple[dict[str, Any], ChangedSettings]:
    """Return plain tables with a suggested fix applied, and each changed key with (value before, value after).

    `remedy` maps dotted keys to values; `raw` is not changed. Raises ExperimentError as `apply_changes`.
    """
    after = apply_changes(raw, remedy)
    return after, changed(raw, after)
