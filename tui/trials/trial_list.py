"""The list of trials: an entry per trial with its state and its question."""

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.trials.registry import TRIALS, Trial
from tui.actions import LIST_KEYS
from tui.charts.tones import FAINT, MUTED
from tui.trials.view import TrialState

SIGNS: dict[TrialState, tuple[str, str]] = {
    "running": ("◌", "bold $text-accent"),
    "passed": ("✓", "bold $text-success"),
    "failed": ("✗", "bold $text-error"),
    "broken": ("✗", "bold $text-error"),
    "cancelled": ("■", MUTED),
}
NOT_YET = ("○", FAINT)


class TrialList(OptionList):
    """Lists every trial, with the state of those that were started."""

    DEFAULT_CSS = """
    TrialList > .option-list--option-highlighted, TrialList:focus > .option-list--option-highlighted {
        background: $block-cursor-blurred-background; color: $text;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "run", tooltip="run this trial; another running one is cancelled"),
        *LIST_KEYS,
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        options = (Option(_prompt(trial, NOT_YET), id=trial.name) for trial in TRIALS.values())
        super().__init__(*options, id=id, classes=classes)
        self._states: Mapping[str, TrialState] = {}

    @property
    def selected(self) -> Trial:
        """The trial under the cursor."""
        return [*TRIALS.values()][self.highlighted or 0]

    def show(self, states: Mapping[str, TrialState]) -> None:
        """Show the states of the started trials by name."""
        changed = [name for name in TRIALS if states.get(name) != self._states.get(name)]
        self._states = dict(states)
        for name in changed:
            sign = SIGNS[states[name]] if name in states else NOT_YET
            self.replace_option_prompt(name, _prompt(TRIALS[name], sign))


def _prompt(trial: Trial, sign: tuple[str, str]) -> Content:
    return Content.assemble(sign, " ", (trial.title, "bold"), "\n", (trial.question, MUTED))
