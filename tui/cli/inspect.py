"""`nnterm inspect`: views of a trained network, at its newest weights or at a checkpoint."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from engine.errors import NntermError
from tui.cli import output
from tui.cli.choices import checked
from tui.cli.inspect_layers import UnitChoice
from tui.cli.option_groups import with_option_groups
from tui.cli.options import Home, Json, RunName
from tui.cli.values import takes
from tui.inspect.registry import ENTRIES, Entry

if TYPE_CHECKING:
    from engine.inspection import Answer, At, Moment, Unseen
    from engine.inspection.inspector import Inspector


def _flag(entry: Entry) -> tuple[str, Any, bool]:
    """Return the option that prints a view, as a struct's field of the same name."""
    return entry.name, Annotated[bool, typer.Option(f"--{entry.name}", help=entry.option)], False


ViewOptions = msgspec.defstruct(
    "ViewOptions",
    [
        *(_flag(entry) for entry in ENTRIES if entry.option),
        ("all", Annotated[bool, typer.Option("--all", help="All of them.")], False),
    ],
    frozen=True,
)
"""The views to print after the overview: a field for each entry of the Inspect screen."""


@with_option_groups(views=ViewOptions, chosen=UnitChoice)
def inspect(
    run: RunName,
    views: Any,
    chosen: UnitChoice,
    checkpoint: Annotated[
        str,
        typer.Option(
            metavar="STEP",
            autocompletion=takes("moments"),
            help="Step of a checkpoint or snapshot; 0: the initial weights; best; last; newest.",
        ),
    ] = "newest",
    split: Annotated[
        str,
        typer.Option(
            metavar="SPLIT",
            autocompletion=takes("splits"),
            help="Data split: {splits}; auto: test, if there is one.",
        ),
    ] = "auto",
    baseline: Annotated[
        bool, typer.Option(help="Compare with a network without hidden layers, trained once and stored.")
    ] = True,
    json: Json = False,
    home: Home = None,
) -> int:
    """Inspect a trained network: scores, errors, weights, boundary.

    Scores are shown beside chance and a baseline; options add the other views.

    Examples:
        nnterm inspect mnist-1
        nnterm inspect mnist-1 --confusion --mistakes
        nnterm inspect mnist-1 --all --checkpoint best --split validation
    """
    at = parse_moment(checkpoint)
    checked("--split", split, "splits")
    from engine.inspection.inspector import Inspector
    from engine.inspection.registry import VIEWS
    from engine.runs import Run
    from engine.runs.data_file import change_of_data

    inspector = Inspector(Run.open(run, home))
    output.warn(change_of_data(inspector.run))
    moment = inspector.find(at)
    if baseline:
        with output.working("training the baseline", json):
            ensure_baseline(inspector)
    requested = {"overview", *(["units"] if chosen != UnitChoice() else [])}
    names = [name for name in VIEWS if name in requested or views.all or getattr(views, name, False)]
    more = _unit_options(inspector, moment, chosen) if "units" in names else {}
    _show_head(inspector, moment, json)
    for name in names:
        options = {**_options(name, split, json), **(more if name == "units" else {})}
        with output.working(f"computing {name}", json):
            answer = inspector.show(name, moment, options)[1]
        _show(name, answer, json)
    return output.ExitCode.DONE


def parse_moment(text: str) -> "At":
    """Return the moment that `--checkpoint` names.

    Raises:
        NntermError: it is neither a step nor best, last or newest.
    """
    if text in ("newest", "best", "last"):
        return text  # type: ignore[return-value]
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    message = f'--checkpoint = "{text}" is neither a step nor best, last or newest'
    raise NntermError(message, "nnterm show RUN lists the newest checkpoint")


def ensure_baseline(inspector: "Inspector") -> None:
    """Train the baseline, a network without hidden layers, unless it is cached."""
    if inspector.lacks_baseline:
        for _ in inspector.make_baseline():
            pass


def _options(name: str, split: str, as_json: bool) -> dict[str, Any]:
    """Return the options of a view; a map of characters has fewer rows than one of half blocks."""
    rows = 48 if as_json or output.is_live() else 26
    more: dict[str, dict[str, Any]] = {
        "boundary": {"columns": 72, "rows": rows},
        "mistakes": {"count": 24},
        "draw": {"fetch": 0},
        "landscape": {"whole": True},
    }
    return {"split": split, **more.get(name, {})}


def _unit_options(inspector: "Inspector", moment: "Moment", chosen: UnitChoice) -> dict[str, Any]:
    """Return the options of `--units`; an impossible choice raises here, before anything is written."""
    from engine.inspection.weight_edits import find_unit, weights_of

    weight, _ = weights_of(find_unit(inspector.snapshot(moment).network, chosen.layer, chosen.unit))
    return chosen.options(weight.shape[1])


def _show_head(inspector: "Inspector", moment: "Moment", as_json: bool) -> None:
    if as_json:
        output.json_line({"type": "inspected", "run": inspector.run.name, "moment": moment})
    else:
        output.line(f"{inspector.run.name}: {moment.words}")


def overview_as_json(answer: "Answer | Unseen") -> dict[str, Any]:
    """Return the overview with the figures that a training reports, under the same names."""
    from tui.cli.evaluate import flat_figures

    plain = msgspec.to_builtins(answer)
    if "splits" not in plain:
        return dict(plain)
    flat = flat_figures((split["split"], split) for split in plain["splits"])
    return {**plain, **flat, "n_parameters": plain["parameters"]}


def _show(name: str, answer: "Answer | Unseen", as_json: bool) -> None:
    if as_json:
        output.json_line(overview_as_json(answer) if name == "overview" else answer)
        return
    from tui.cli.inspect_output import show_view

    output.line()
    show_view(name, answer)
