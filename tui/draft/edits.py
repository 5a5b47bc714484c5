"""The edits that a form's keys request: the next value or choice of a field, and a choice from its list."""

from engine.experiment.overrides import value_at
from tui.draft import tables
from tui.draft.field import Field
from tui.draft.steps import stepped
from tui.draft.tables import Draft


class ChoiceMemory:
    """Remembers the options of what was chosen before, for the way back to it."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], object] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def chosen(self, draft: Draft, field: Field, choice: str) -> Draft:
        """Return the draft with `choice`, and its options from when it was last chosen, else their defaults."""
        for key in tables.keys_of(draft, field.key):
            value = value_at(draft, key)
            if _choice_of(value) == choice:
                continue
            self._values[key, _choice_of(value)] = value
            if (key, choice) in self._values:
                draft = tables.with_value(draft, key, self._values[key, choice])
            else:
                draft = tables.with_name(draft, key, choice)
        return draft

    def next_choice(self, draft: Draft, field: Field, direction: int) -> Draft:
        """Return the draft with the next choice of the field's list, or the one before it (-1)."""
        now = _choice_of(value_at(draft, tables.keys_of(draft, field.key)[0]))
        index = field.choices.index(now) if now in field.choices else 0
        return self.chosen(draft, field, field.choices[(index + direction) % len(field.choices)])


def next_value(draft: Draft, field: Field, direction: int, samples: int | None = None) -> Draft:
    """Return the draft with the next number on the field's ladder; each of all hidden layers takes its own step.

    Args:
        samples: number of training samples, the largest batch.

    Raises:
        ExperimentError: the number lies out of range.
    """
    values: dict[str, object] = {}
    for key in tables.keys_of(draft, field.key):
        value = value_at(draft, key)
        values[key] = stepped(key, _number(value, field), direction, samples)
    return tables.with_values(draft, values)


def _choice_of(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else tables.name_of(value)


def _number(value: object, field: Field) -> int | float:
    """Return the number that + and - start from; for "auto" the one that it stands for, 0 if that is a word."""
    if isinstance(value, int | float) and not (value == 0 and field.is_auto):
        return value
    digits = field.shown.replace(",", "")
    return int(digits) if digits.isdigit() else 0
