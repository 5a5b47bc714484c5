"""The names of keys in the settings, and the ids by which the settings name actions."""

import re
from collections.abc import Iterable

from textual.binding import Binding
from textual.keys import KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys

KEYS_BY_EXAMPLE = '{ help = "f1", "train.pause" = "space,p" }'
"""An example of the table of keys, for hints."""
_NAMED = {key.value for key in Keys} | set(KEY_TO_UNICODE_NAME) | set(REPLACED_KEYS) | {"return", "space"}
_MODIFIERS = {"ctrl", "shift", "alt", "meta", "super", "hyper"}


def unknown_key(keys: str) -> str | None:
    """Return the first text between commas that names no key, None if all do."""
    for text in keys.split(","):
        if not _is_key(text.strip()):
            return text.strip()
    return None


def _is_key(text: str) -> bool:
    *modifiers, key = text.split("+") if len(text) > 1 else [text]
    if not set(modifiers) <= _MODIFIERS:
        return False
    return (len(key) == 1 and key.isprintable()) or key in _NAMED


def action_id(place: str, action: str) -> str:
    """Return the id of an action in the settings: `train.smooth-minus-1` for `smooth(-1)` on the screen `train`."""
    words = re.sub(r"[^a-z0-9.]+", "-", action.lower().replace("-", " minus ")).strip("-")
    return f"{place}.{words}"


def with_ids(place: str, bindings: Iterable[Binding]) -> list[Binding]:
    """Return the bindings, those without an id under the id of their action at `place`, a screen's mode."""
    return [
        binding
        if binding.id
        else Binding(
            binding.key,
            binding.action,
            binding.description,
            show=binding.show,
            key_display=binding.key_display,
            priority=binding.priority,
            tooltip=binding.tooltip,
            id=action_id(place, binding.action),
            system=binding.system,
            group=binding.group,
        )
        for binding in bindings
    ]
