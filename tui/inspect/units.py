"""The Units view: the samples that activate a unit, and edits of its weights with their effect."""

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tui.inspect.edit_history import EditHistory, HandEdit, parse_unit, parse_weight
from tui.inspect.effect_words import effect_panel
from tui.inspect.layer_words import layer_line
from tui.inspect.unit_charts import map_pixels, maps_strips, sample_strips
from tui.inspect.unit_strip import UnitStrip
from tui.inspect.view import InspectView, previous_and_next
from tui.inspect.weight_pad import WeightPad
from tui.inspect.weight_words import edited_weights, input_names, weight_words
from tui.widgets.filter_field import FilterField
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.units import Units

SAMPLES = 12
TITLES = {"#maps": "the plane", "#most": "most activating", "#least": "least activating"}


class UnitsView(InspectView):
    """The units of a layer, the samples and weights of one, and the effect of edits."""

    OWN_FOCUS = "#strip"
    BINDINGS: ClassVar[list[BindingType]] = [
        *previous_and_next("layer", "layer"),
        Binding("slash", "jump", "find", key_display="/", tooltip="find a unit by its number"),
        Binding("n", "samples", "least", tooltip="most or least activating samples"),
        Binding("0", "zero", "disable", tooltip="disable the unit: its output becomes 0; or enable it again"),
        Binding("u", "undo", "undo", tooltip="undo the newest edit"),
        Binding("ctrl+u", "undo_all", "undo all", tooltip="undo all edits"),
        Binding("escape", "leave_field", "close", show=False, tooltip="close the field"),
    ]
    DEFAULT_CSS = """
    UnitsView #unit-line, UnitsView #unit-words {
        height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    UnitsView #unit-columns { height: 1fr; }
    UnitsView #unit-left { width: 1fr; height: 1fr; }
    UnitsView #unit-right { width: 50; height: 1fr; }
    UnitsView.-plane #unit-right { width: 66; }
    UnitsView #strip, UnitsView #weight-pad { height: 1fr; }
    UnitsView #most, UnitsView #least { height: 9; }
    UnitsView #maps { height: 15; display: none; }
    UnitsView.-plane #maps { display: block; }
    UnitsView #effect { height: 13; }
    UnitsView.-narrow #unit-right, UnitsView.-narrow.-plane #unit-right { width: 40; }
    UnitsView.-narrow #most, UnitsView.-narrow #least { height: 8; }
    UnitsView.-narrow #maps { height: 6; }
    UnitsView.-narrow #effect { height: 6; }
    UnitsView .part { border: round $border; border-title-color: $text-muted; padding: 0 1; }
    UnitsView .part:focus { border: round $accent; border-title-color: $text; }
    UnitsView.-narrow .part { border: none; border-top: solid $border; }
    UnitsView.-narrow .part:focus { border: none; border-top: solid $accent; }
    UnitsView.-narrow.-most #least, UnitsView.-narrow.-least #most { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="-most")
        self._answer: Units | None = None
        self._layer = self._unit = 0
        self._history = EditHistory()
        self._note = ""
        self._wanted: tuple[str, int] | None = None
        """Layer and unit to show as soon as there is an answer."""

    def compose(self) -> ComposeResult:
        yield Static(id="unit-line")
        yield Static(id="unit-words")
        with Horizontal(id="unit-columns"):
            with Vertical(id="unit-left"):
                yield UnitStrip(id="strip", classes="part")
                yield StripView(id="most", classes="part")
                yield StripView(id="least", classes="part")
            with Vertical(id="unit-right"):
                yield WeightPad(id="weight-pad", classes="part")
                yield StripView(id="maps", classes="part")
                yield Static(id="effect", classes="part")
        yield FilterField("17", title="find unit", keys="enter open · esc cancel", id="unit-field")
        yield FilterField("0.25", title="weight", keys="enter apply · esc cancel", id="weight-field")

    def on_mount(self) -> None:
        """Set the titles of the panels whose titles are constant."""
        for place, title in TITLES.items():
            self.query_one(place).border_title = title

    def on_resize(self) -> None:
        """Request as many units and pixels as fit."""
        self.set_class(self.size.width < 110, "-narrow")
        self.call_after_refresh(self.request_answer)

    @property
    def options(self) -> dict[str, Any]:
        """The unit, its page, the size of the maps, and the edits."""
        strip, room = self.query_one(UnitStrip), self.query_one("#maps").content_size
        return {
            "layer": self._layer,
            "unit": self._unit,
            "first": strip.page_of(self._unit),
            "count": strip.capacity,
            "samples": SAMPLES,
            **map_pixels(room, has_edits=bool(self._history.edits), colourless=self.is_colourless),
            **self._history.options,
        }

    # units and layers

    def accept(self, given: dict[str, Any]) -> None:
        """Show the unit of the layer that another view passes by its name."""
        self._wanted = (given["layer"], given.get("unit", 0)) if "layer" in given else self._wanted
        self._choose_wanted()

    def _choose_wanted(self) -> None:
        """Go to the unit that another view passed, once the layers are known."""
        names = [layer.name for layer in self._answer.layers] if self._answer is not None else []
        if self._wanted is not None and self._wanted[0] in names:
            self._layer, self._unit = names.index(self._wanted[0]), self._wanted[1]
            self._wanted = None
            self.query_one(UnitStrip).mark(self._unit)
            self.request_answer()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action in ("undo", "undo_all"):
            return bool(self._history.edits)
        if action == "samples":
            return self.has_class("-narrow")
        if action == "layer":
            return self._answer is not None and len(self._answer.layers) > 1
        if action in ("jump", "zero"):
            return self._answer is not None
        if action == "leave_field":
            return any(field.is_open for field in self.query(FilterField))
        return True

    def action_layer(self, by: int) -> None:
        """Go to another layer, wrapping around."""
        if self._answer is not None:
            self._layer = (self._layer + by) % len(self._answer.layers)
            self._unit = self.query_one(WeightPad).cursor = 0
            self.request_answer()

    def on_unit_strip_chosen(self, event: UnitStrip.Chosen) -> None:
        """Go to the chosen unit."""
        self._unit = event.unit
        self.request_answer()

    def action_samples(self) -> None:
        """Switch between the most and the least activating samples."""
        self.toggle_class("-most", "-least")

    def action_jump(self) -> None:
        """Open the field for the number of a unit."""
        self.query_one("#unit-field", FilterField).open("")
        self.refresh_bindings()

    # edits

    def on_weight_pad_moved(self) -> None:
        """Describe the marked weight."""
        self._name_weight()

    def on_weight_pad_changed(self, event: WeightPad.Changed) -> None:
        """Set the marked weight."""
        self._edit(self.query_one(WeightPad).cursor, event.value)

    def on_weight_pad_value_requested(self) -> None:
        """Open the field for the marked weight."""
        value = self.query_one(WeightPad).value
        self.query_one("#weight-field", FilterField).open("" if value is None else f"{value:.6g}")
        self.refresh_bindings()

    def action_zero(self) -> None:
        """Disable the unit: its output becomes 0; enable it again if it is disabled."""
        if self._history.is_disabled(self._layer, self._unit):
            self._history.enable(self._layer, self._unit)
            self._show_edits()
        else:
            self._edit(None, 0.0)

    def _edit(self, place: int | None, value: float) -> None:
        if self._answer is not None and (self._answer.layer, self._answer.unit) == (self._layer, self._unit):
            self._note = ""
            self._history.add(HandEdit(self._layer, self._unit, place, value), self._answer.step)
            self._show_edits()

    def action_undo(self) -> None:
        """Undo the newest edit."""
        self._history.undo()
        self._show_edits()

    def action_undo_all(self) -> None:
        """Undo all edits."""
        self._history.clear()
        self._show_edits()

    def _show_edits(self) -> None:
        """Show the edited weights at once; their effect comes with the answer."""
        self._write_weights()
        self.refresh_bindings()
        self.request_answer()

    def on_filter_field_done(self) -> None:
        """Apply the typed value, or show what is wrong with it."""
        for field, take in (
            (self._field("unit"), self._take_unit),
            (self._field("weight"), self._take_weight),
        ):
            if field.is_open:
                try:
                    take(field.text)
                except ValueError as error:
                    field.show_error(str(error))
                else:
                    self._close(field)

    def _take_unit(self, text: str) -> None:
        self._unit = parse_unit(text, self._answer.layers[self._answer.layer].units if self._answer else 0)
        self.query_one(UnitStrip).mark(self._unit)
        self.request_answer()

    def _take_weight(self, text: str) -> None:
        self._edit(self.query_one(WeightPad).cursor, parse_weight(text))

    def _field(self, name: str) -> FilterField:
        return self.query_one(f"#{name}-field", FilterField)

    def action_leave_field(self) -> None:
        """Close the open field."""
        for field in self.query(FilterField):
            if field.is_open:
                self._close(field)

    def _close(self, field: FilterField) -> None:
        field.close()
        (self.query_one(WeightPad) if field.id == "weight-field" else self.query_one(UnitStrip)).focus()
        self.refresh_bindings()

    # showing an answer

    def show(self, answer: "Units") -> None:
        """Show a unit; edits of the weights of another moment are dropped."""
        self._answer = answer
        self._choose_wanted()
        if self._history.step not in (None, answer.step):
            count = self._history.clear()
            gone = "edit was" if count == 1 else f"{count} edits were"
            self._note = (
                f"The weights are those of another step: your {gone} dropped. Checkpoints (,) do not change."
            )
        self.set_class(answer.plane is not None, "-plane")
        self._write()
        self.refresh_bindings()
        self.call_after_refresh(self.request_answer)  # the page or the maps may have another size now

    def _write(self) -> None:
        answer = self._answer
        if answer is None:
            return
        layer, colourless = answer.layers[answer.layer], self.is_colourless
        line = Content.assemble(
            layer_line(layer, answer.layer, len(answer.layers)), (f"   unit {answer.unit:,}", "bold $primary")
        )
        self.query_one("#unit-line", Static).update(line, layout=False)
        self.query_one("#unit-words", Static).update(Content(" ".join(answer.words)), layout=False)
        edited = frozenset(edit.unit for edit in self._history.edits if edit.layer == answer.layer)
        strip = self.query_one(UnitStrip)
        marked = self._unit if answer.layer == self._layer else answer.unit  # the user may have moved on
        strip.show(answer.page, layer.units, marked, edited, colourless=colourless)
        strip.border_title = f"units of {layer.name}"
        self._write_samples(answer, colourless)
        self._write_weights()
        self._write_effect(answer)

    def _write_samples(self, answer: "Units", colourless: bool) -> None:
        maps = partial(maps_strips, answer, colourless=colourless)
        self.query_one("#maps", StripView).draw_with(maps)
        for name, samples in (("#most", answer.most), ("#least", answer.least)):
            drawn = partial(sample_strips, samples, answer.value_name, colourless=colourless)
            self.query_one(name, StripView).draw_with(drawn)

    def _write_weights(self) -> None:
        answer = self._answer
        if answer is None:
            return
        own = self._history.of_unit(answer.layer, answer.unit) if answer.weights else {}
        weights = edited_weights(answer, own)
        shape = (answer.picture[0] * answer.picture[1], answer.picture[2]) if answer.picture else None
        pad, names = self.query_one(WeightPad), input_names(answer)
        pad.show(weights, shape, frozenset(own), names, colourless=self.is_colourless)
        self._name_weight()

    def _name_weight(self) -> None:
        answer, pad = self._answer, self.query_one(WeightPad)
        if answer is not None:
            pad.border_title = f"weights of unit {answer.unit:,}"
            pad.border_subtitle = Content(weight_words(answer, pad.cursor, pad.value))

    def _write_effect(self, answer: "Units") -> None:
        panel = self.query_one("#effect", Static)
        panel.border_title, lines = effect_panel(answer, self._note)
        panel.update(Content("\n").join(lines), layout=False)
