"""Writing docs/json.md from the structs of the JSON lines: `python -m tests.docs.json_page`."""

import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from engine import events
from engine.bench import BenchRow, SkippedRow
from engine.data import DatasetInfo
from engine.devices.advice import Advice
from engine.devices.facts import Host, Nvidia, Torch
from engine.devices.survey import DeviceLine
from engine.experiment.reference import field_texts, first_sentence
from engine.glassbox import steps as walk
from engine.gradcheck import events as check
from engine.inspection.messages import Moment, Unseen
from engine.inspection.registry import VIEWS, find_view
from engine.runs import Comparison, RunSummary
from engine.runs.replay import Replayed
from engine.runs.status import Status
from engine.torch.trajectory import events as trajectory
from engine.training.evaluation import Evaluation
from engine.trials import events as trials
from tests.docs.json_words import FLAT, HEAD, OWN, WORDS

PAGE = Path(__file__).parents[2] / "docs" / "json.md"

Own = Mapping[str, tuple[str, str]]
"""Fields that the command adds to a struct: name to type and meaning."""


class Line(NamedTuple):
    """One type of line: its `type`, the struct that it is written from, and the fields that the command adds."""

    tag: str
    text: str
    struct: type[msgspec.Struct] | None
    own: Own

    def fields(self) -> dict[str, tuple[str, str]]:
        """Return name to type and meaning of every field, `type` itself excepted."""
        fields = dict(self.own)
        return fields if self.struct is None else fields | struct_fields(self.struct, self.tag)


def line(struct: type[msgspec.Struct], own: Own | None = None, tag: str = "", text: str = "") -> Line:
    """Return the line of a struct, called by its tag and explained by its docstring."""
    return Line(tag or str(struct.__struct_config__.tag), text or first_sentence(struct), struct, own or {})


TRAINING = [
    line(one)
    for one in (
        *(events.Started, events.Steps, events.Epoch, events.Layers, events.Checkpoint, events.Command),
        *(events.Resumed, events.Finding, events.Finished, events.Failed),
    )
]
OVERVIEW = OWN["overview"] | FLAT
COMMANDS: dict[str, list[Line]] = {
    "train, attach, resume, fork, show --follow": TRAINING,
    "train, resume and fork with --detach": [
        Line("launched", "The run trains in the background.", None, OWN["launched"])
    ],
    "runs": [
        line(RunSummary, OWN["run"], "run", "A run of the list: its name, folder, notes, state and figures.")
    ],
    "show": [
        line(
            Status,
            OWN["run"] | OWN["show"],
            "run",
            "The run: what `runs` lists, and its experiment and worker.",
        )
    ],
    "show --config": [
        Line(
            "experiment",
            "The complete experiment, a field for each key of its file.",
            None,
            OWN["experiment"],
        )
    ],
    "init": [Line("written", "The experiment file was written.", None, OWN["written"])],
    "version": [Line("version", "The version of nnterm.", None, OWN["version"])],
    "compare": [line(Comparison)],
    "replay": [line(Replayed)],
    "evaluate": [line(Evaluation, OWN["evaluation"] | FLAT, "evaluation")],
    "inspect": [
        Line("inspected", "The run and the moment that the next lines are about.", None, OWN["inspected"]),
        *(
            line(view.answer, OWN["overview"] | FLAT if name == "overview" else None)
            for name in VIEWS
            for view in [find_view(name)]
        ),
        line(Unseen),
    ],
    "check": [
        line(one)
        for one in (
            *(check.CheckStarted, check.CheckProgress, check.ParameterReport, check.HeatMap),
            check.CheckFinished,
        )
    ],
    "check --steps": [
        line(one)
        for one in (trajectory.TrajectoryStarted, trajectory.TrajectoryRow, trajectory.TrajectoryFinished)
    ],
    "check --explain": [
        line(one) for one in (walk.ExplainStarted, walk.WalkFlow, walk.WalkStep, walk.ExplainFinished)
    ],
    "diagnose --explain": [Line("explanation", "The explanation of a finding.", None, OWN["explanation"])],
    "diagnose --apply": [Line("remedy", "The fix that was applied.", None, OWN["remedy"])],
    "try": [
        line(one)
        for one in (trials.TrialStarted, trials.TrialProgress, trials.TrialPoints, trials.TrialFinished)
    ],
    "try, without a name": [Line("trial", "A trial that can be run.", None, OWN["trial"])],
    "devices": [line(one) for one in (Host, DeviceLine, Nvidia, Torch, Advice)],
    "bench": [line(BenchRow), line(SkippedRow)],
    "data list, data show": [line(DatasetInfo, OWN["dataset"], "dataset")],
    "config": [Line("config", "The settings of the app.", None, OWN["config"])],
    "config --keys": [Line("action", "An action whose keys can be changed.", None, OWN["action"])],
    "every command": [
        Line("error", "What is wrong; the last line. The exit code is not 0.", None, OWN["error"])
    ],
}
"""The lines of each command; `diagnose` writes `finding` lines, described under `train`."""


def struct_fields(struct: type[msgspec.Struct], tag: str = "") -> dict[str, tuple[str, str]]:
    """Return name to type and meaning of a struct's fields."""
    texts = field_texts(struct)

    def meaning(name: str) -> str:
        own = WORDS.get(f"{tag}.{name}") or WORDS.get(f"{struct.__name__}.{name}")
        return own or texts.get(name) or WORDS.get(name, "")

    return {
        field.encode_name: (type_words(field.type), meaning(field.name))
        for field in msgspec.structs.fields(struct)
    }


def type_words(hint: Any) -> str:
    """Return a type in words: `whole number or null`, `list of text`, `object (Moment)`."""
    plain = {int: "whole number", float: "number", bool: "true or false", str: "text", bytes: "base64 text"}
    if hint in plain:
        return plain[hint]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return "list" if hint.__struct_config__.array_like else f"object ({hint.__name__})"
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return " or ".join(f"`{value}`" if value else "empty" for value in arguments)
    if origin in (types.UnionType, typing.Union):
        words = [type_words(one) for one in arguments if one is not type(None)]
        return " or ".join([*words, *["null"] * (type(None) in arguments)])
    if origin in (list, tuple):
        inner = list(dict.fromkeys(type_words(one) for one in arguments if one is not ...))
        return f"list of {' and '.join(inner)}"
    return "object" if origin is dict or hint is dict else "any"


def nested(hint: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs inside a type, and inside those."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
        for field in msgspec.structs.fields(hint):
            yield from nested(field.type)
    for one in typing.get_args(hint):
        yield from nested(one)


def objects() -> list[type[msgspec.Struct]]:
    """Return the structs that appear inside lines, by name."""
    found = {Moment.__name__: Moment}
    for lines in COMMANDS.values():
        for one in lines:
            for field in msgspec.structs.fields(one.struct) if one.struct is not None else ():
                found |= {inner.__name__: inner for inner in nested(field.type)}
    top = {one.struct for lines in COMMANDS.values() for one in lines}
    return [found[name] for name in sorted(found) if found[name] not in top - {RunSummary, events.Finding}]


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_index(), *_sections(), *_objects()]).rstrip() + "\n"


def _index() -> Iterator[str]:
    yield "| command | lines |\n|---|---|"
    for command, lines in COMMANDS.items():
        yield f"| `{command}` | {', '.join(f'`{one.tag}`' for one in lines)} |"
    yield "| `diagnose` | `finding` |\n"


def _sections() -> Iterator[str]:
    for command, lines in COMMANDS.items():
        yield f"## {command}\n"
        for one in lines:
            yield f"### `{one.tag}`\n\n{_escaped(one.text)}\n"
            yield _table(one.fields())


def _objects() -> Iterator[str]:
    yield "## Objects inside the lines\n"
    for struct in objects():
        yield f"### {struct.__name__}\n\n{_escaped(first_sentence(struct))}\n"
        yield _table(struct_fields(struct))


def _table(fields: Mapping[str, tuple[str, str]]) -> str:
    rows = [f"| `{name}` | {words} | {_escaped(text)} |" for name, (words, text) in fields.items()]
    return "\n".join(["| field | value | |", "|---|---|---|", *rows]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
