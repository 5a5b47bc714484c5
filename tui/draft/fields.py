"""A draft as fields: each value with its label, unit, choices and help."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from engine.data.spec import DataSpec
from engine.experiment.checks import DEVICES
from engine.experiment.overrides import value_at
from engine.experiment.parsing import FAMILIES, field_types
from engine.experiment.specs import TrainingSpec
from engine.named import Named
from engine.nn.layers import layer_specs
from engine.nn.losses import LOSSES
from engine.nn.specs import LayerSpec
from engine.optim.optimizers import OPTIMIZERS
from engine.optim.schedules import SCHEDULES
from tui.draft.assess import Assessment
from tui.draft.choices import formula_of
from tui.draft.field import Field
from tui.draft.tables import ALL_HIDDEN, Draft, hidden_layers, layers_of, name_of
from tui.draft.words import WORDS, FieldWords

Registry = Mapping[str, type[Named]]


class FieldReader:
    """Returns the fields of one draft and its assessment."""

    def __init__(self, draft: Draft, assessment: Assessment) -> None:
        self._draft = draft
        self._autos = assessment.autos
        self._wrong = [problem.key for problem in assessment.problems if problem.key]
        self._info = assessment.info

    def layer(self, index: int) -> tuple[Field, ...]:
        """Return the cells of a layer's row: units, activation and initialiser of a dense layer."""
        key, types = f"network.layers[{index}]", self._types_of_layer(index)
        return tuple(
            self._of_type(f"{key}.{name}", types[name]) for name in self._spec_of(index).table_fields()
        )

    def all_hidden(self) -> tuple[Field, ...]:
        """Return the fields that set all hidden dense layers at once; none if there are fewer than two."""
        hidden = hidden_layers(self._draft)
        if len(hidden) < 2:
            return ()
        return tuple(self._common(fields) for fields in zip(*(self.layer(i) for i in hidden), strict=True))

    def _common(self, fields: tuple[Field, ...]) -> Field:
        """Return a field for all of `fields`, which differ in their layer only."""
        name = fields[0].key.rpartition(".")[2]
        same = len({(field.shown, field.choice) for field in fields}) == 1
        return replace(
            fields[0],
            key=f"{ALL_HIDDEN}{name}",
            label=f"{name} of all hidden layers",
            shown=fields[0].shown if same else "mixed",
            edit_text=fields[0].edit_text if same else "",
            is_auto=same and fields[0].is_auto,
            is_wrong=any(field.is_wrong for field in fields),
        )

    def learning(self, index: int) -> tuple[Field, ...]:
        """Return the fields of optimizer and schedule, then the further options of layer `index`."""
        return (
            *self._with_options("training.optimizer", OPTIMIZERS),
            *self._with_options("training.schedule", SCHEDULES),
            self._leaf("training.clip_norm", float),
            *self._layer_options(index),
        )

    def training(self) -> tuple[Field, ...]:
        """Return the fields of loss, batches, epochs, data and run."""
        return tuple(self._training())

    def _training(self) -> Iterator[Field]:
        training, data = field_types(TrainingSpec), field_types(DataSpec)
        yield self._named("network.loss", LOSSES, optional=True)
        yield from self._options("network.loss", LOSSES)
        for name in ("batch_size", "epochs", "patience"):
            yield self._leaf(f"training.{name}", training[name])
        kind = self._info.kind if self._info else "table"
        names = ("samples", "noise") if kind in ("plane", "curve", "gate") else ("limit",)
        for name in (*(() if kind == "gate" else ("validation",)), *names, "scale"):
            yield self._leaf(f"data.{name}", data[name])
        yield self._leaf("seed", int)
        yield self._leaf("data.seed", int)
        yield self._leaf("training.dtype", training["dtype"])
        yield self._leaf("training.threads", training["threads"])
        yield self._leaf("training.backend", training["backend"])
        if value_at(self._draft, "training.backend") == "torch":
            yield self._device()
            yield self._leaf("training.processes", int)
            yield self._leaf("training.compile", bool)
        yield self._leaf("name", str)

    def _layer_options(self, index: int) -> Iterator[Field]:
        """The options of what the layer's row shows, then its other fields with theirs."""
        key, types = f"network.layers[{index}]", self._types_of_layer(index)
        shown = self._spec_of(index).table_fields()
        for name, kind in types.items():
            if name not in shown:
                yield self._of_type(f"{key}.{name}", kind)
            family = _family_of(kind)
            if family is not None:
                yield from self._options(f"{key}.{name}", family)

    def _spec_of(self, index: int) -> type[LayerSpec]:
        return layer_specs()[str(layers_of(self._draft)[index]["type"])]

    def _types_of_layer(self, index: int) -> dict[str, Any]:
        return field_types(self._spec_of(index))

    def _of_type(self, key: str, kind: Any) -> Field:
        """A choice among named things, or a single value."""
        family = _family_of(kind)
        if family is None:
            return self._leaf(key, kind)
        return self._named(key, family, optional=type(None) in get_args(kind))

    def _with_options(self, key: str, registry: Registry) -> Iterator[Field]:
        yield self._named(key, registry)
        yield from self._options(key, registry)

    def _options(self, key: str, registry: Registry) -> Iterator[Field]:
        """Yield the options of the registry's member at `key`, the learning rate first."""
        member = registry.get(name_of(value_at(self._draft, key)))
        if member is None:
            return
        types = field_types(member)
        for name in sorted(types, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)):
            yield self._leaf(f"{key}.{name}", types[name])

    def _named(self, key: str, registry: Registry, optional: bool = False) -> Field:
        chosen = name_of(value_at(self._draft, key))
        words = self._words(key)
        stands_for = self._autos.get(key, "") if chosen == "auto" else chosen
        return Field(
            key=key,
            label=words.label,
            shown=stands_for or chosen,
            kind="choice",
            choices=(*(("auto",) if optional else ()), *registry),
            choice=chosen,
            help=words.help,
            members=registry,
            note=formula_of(registry, stands_for),
            is_auto=chosen == "auto",
            is_wrong=self._is_wrong(key),
        )

    def _device(self) -> Field:
        """Return the field with PyTorch's devices; the worker finds out which of them exist."""
        field = self._leaf("training.device", str)
        chosen = str(value_at(self._draft, "training.device"))
        others = () if chosen in DEVICES else (chosen,)
        return replace(
            field, kind="choice", choices=(*DEVICES, *others), choice=chosen, shown=chosen, is_auto=False
        )

    def _leaf(self, key: str, kind: Any) -> Field:
        value = value_at(self._draft, key)
        words = self._words(key)
        shown = _show(value, words)
        field = Field(
            key=key,
            label=words.label,
            shown=shown,
            unit="" if shown == words.zero else words.unit,
            help=words.help,
            is_wrong=self._is_wrong(key),
        )
        return _with_kind(field, kind, value, self._stands_for(key, value))

    def _stands_for(self, key: str, value: object) -> str:
        """Return the value that an "auto" at `key` stands for; empty if the value is not "auto"."""
        last = key.rpartition(".")[2]
        open_units = last == "units" and value == 0 and key.startswith(f"network.layers[{self._last}]")
        if value == "auto" or open_units or (last == "samples" and value == 0):
            return self._autos.get(key, "auto")
        return ""

    @property
    def _last(self) -> int:
        return len(layers_of(self._draft)) - 1

    def _words(self, key: str) -> FieldWords:
        last = key.rpartition(".")[2]
        of_layer = key.startswith("network.layers[")
        index, _, path = key.removeprefix("network.layers[").partition("].")
        name = f"layer.{last}" if of_layer and path == last else last
        words = WORDS.get(key) or WORDS.get(name) or FieldWords(last.replace("_", " "))
        if of_layer:
            owner = "bias" if ".bias." in key else "layer"
            return words._replace(label=f"{owner} {index} {words.label}")
        return words

    def _is_wrong(self, key: str) -> bool:
        """Return whether a problem names this key or its `name`, which has no field of its own."""
        return any(wrong == key or wrong == f"{key}.name" for wrong in self._wrong)


def _family_of(kind: Any) -> Registry | None:
    """The members of the family that a field takes, "auto" or not; None for a single value."""
    parts = [part for part in get_args(kind) if part is not type(None)] or [kind]
    members = FAMILIES.get(parts[0])
    return members[1] if members else None


_ORDER = ("lr", "momentum", "nesterov", "weight_decay")


def _with_kind(field: Field, kind: Any, value: object, stands_for: str) -> Field:
    changes: dict[str, Any]
    if kind is bool or isinstance(value, bool):
        chosen = "true" if value else "false"
        changes = {
            "kind": "choice",
            "choices": ("false", "true"),
            "choice": chosen,
            "shown": "yes" if value else "no",
        }
    elif get_origin(kind) is Literal:
        changes = {"kind": "choice", "choices": tuple(get_args(kind)), "choice": str(value)}
    else:
        is_text = isinstance(value, str) and value != "auto"
        changes = {"kind": "text" if is_text else "number", "edit_text": _plain(value)}
    if stands_for:
        changes |= {"is_auto": True, "shown": stands_for}
    return replace(field, **changes)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _show(value: object, words: FieldWords) -> str:
    if value == 0 and not isinstance(value, bool) and words.zero:
        return words.zero
    if value == "":
        return words.zero or "none"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else _plain(value)
