"""Changes between two experiments, and a changed experiment made from one."""

from typing import Any

from engine.experiment.overrides import apply_changes, value_at


def differences(before: Any, after: Any, key: str = "") -> dict[str, Any]:
    """Return the dotted keys whose values differ, with the value after; lists of equal length are gone into."""
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
    """What tells a named thing, or a layer, from another whose options are not its own."""
    return table.get("name"), table.get("type")


def changed(before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    """Return each key whose value differs in plain tables, with its value before and after, None for no value."""
    return {key: (value_at(before, key), value) for key, value in differences(before, after).items()}


def with_fix(
    raw: dict[str, Any], remedy: dict[str, object]
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """Return the mended tables, and each changed key with its value before and after, to show the difference first."""
    after = apply_changes(raw, remedy)
    return after, changed(raw, after)
