"""Short names of settings: `lr` stands for `training.optimizer.lr` wherever a key is typed."""

import difflib
from collections.abc import Iterator
from functools import cache

from engine.data.spec import DataSpec
from engine.errors import ExperimentError, Problem
from engine.experiment.options import LAYER_OPTIONS, OPTION_KEYS
from engine.experiment.parsing import tables_below
from engine.experiment.specs import CheckpointSpec, TrainingSpec
from engine.named import Section
from engine.nn.specs import NetworkSpec
from engine.words import counted

HIDDEN = "hidden"
"""The index of all hidden layers in a key, as in `network.layers[hidden].activation`."""

_SECTIONS: dict[str, type[Section]] = {
    "data": DataSpec,
    "network": NetworkSpec,
    "training": TrainingSpec,
    "checkpoints": CheckpointSpec,
}
_TOP_LEVEL = frozenset({"name", "seed", "force", *_SECTIONS})

SHORT_KEYS = {
    **OPTION_KEYS,
    "optimizer": "training.optimizer",
    "learning_rate": "training.optimizer.lr",
    "batch": "training.batch_size",
    **{name: f"network.layers[{HIDDEN}].{name}" for name in LAYER_OPTIONS},
}
"""The dotted key of each short name; other names are the last part of the one key that ends with it."""


def full_key(key: str) -> str:
    """Return the dotted key that a short name stands for; a dotted key unchanged.

    Raises:
        ExperimentError: the name is unknown, or several keys end with it.
    """
    first, dot, rest = key.partition(".")
    if dot and first not in _TOP_LEVEL and first in SHORT_KEYS:
        return f"{SHORT_KEYS[first]}.{rest}"  # loss.delta: a key of a table with a short name
    if dot or "[" in key or key in _TOP_LEVEL:
        return key
    name = key.replace("-", "_")
    if name in SHORT_KEYS:
        return SHORT_KEYS[name]
    found = _keys_by_last_part().get(name, ())
    if len(found) == 1 and found[0].startswith("network.layers["):
        raise _refused(key, f'"{key}" does not say of which layer', f"layers count from 0: {found[0]}")
    if len(found) == 1:
        return found[0]
    if found:
        raise _refused(
            key, f'"{key}" is the name of {counted(len(found), "setting")}', f"write {' or '.join(found)}"
        )
    raise _refused(key, f'"{key}" is not a known setting', _nearest(name))


def short_name(key: str) -> str:
    """Return the shortest name that `full_key` understands as this key."""
    names = [name for name, full in SHORT_KEYS.items() if full == key]
    return min(names, key=len, default=key)


def _refused(key: str, message: str, hint: str) -> ExperimentError:
    return ExperimentError([Problem(key, message, hint)])


def _nearest(name: str) -> str:
    known = [*SHORT_KEYS, *_keys_by_last_part()]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    examples = "for example lr, epochs, batch_size, optimizer, activation"
    return f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else examples


@cache
def _keys_by_last_part() -> dict[str, tuple[str, ...]]:
    """Return the dotted keys of the experiment file by their last part."""
    found: dict[str, tuple[str, ...]] = {}
    for key in _known_keys():
        last = key.rpartition(".")[2]
        found[last] = (*found.get(last, ()), key)
    return found


def _known_keys() -> Iterator[str]:
    for section, kind in _SECTIONS.items():
        yield from (f"{section}.{name}" for name in kind.__struct_fields__)
        for place, names in tables_below(kind):
            yield from (f"{section}.{place}.{name}" for name in sorted(names))
