"""The names of keys in the settings, and the ids by which the settings name actions."""

import re
from dataclasses import replace

from textual.binding import Binding, BindingsMap
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


def name_actions(bindings: BindingsMap, place: str) -> None:
    """Give the bindings of a screen without an id that of their action at `place`, the screen's mode."""
    if place:
        bindings.key_to_bindings = {
            key: [with_id(binding, place) for binding in group]
            for key, group in bindings.key_to_bindings.items()
        }


def with_id(binding: Binding, place: str) -> Binding:
    """Return a binding with an id: its own, or that of its action at `place`."""
    return binding if binding.id else replace(binding, id=action_id(place, binding.action))
