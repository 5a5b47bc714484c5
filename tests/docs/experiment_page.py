"""Writing docs/experiment.md from the specs: `python -m tests.docs.experiment_page`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.experiment.reference import FAMILIES, Setting, Table, layer_tables, member_tables, tables

PAGE = Path(__file__).parents[2] / "docs" / "experiment.md"

OPENING = """\
# The experiment file

One TOML file holds everything that a run depends on. `nnterm train FILE` trains it, `nnterm check FILE` checks its
gradients, the Build screen opens (`o`) and saves (`w`) it. What is left out has the default below; where that is
"auto", nnterm chooses from the other settings. `--set KEY=VALUE` changes any key for one command:
`--set training.epochs=20`, `--set 'network.layers[0].activation=tanh'`.

Unknown keys, wrong types and values out of range are refused, all at once, each with its key and what is allowed. A
combination that makes no sense is refused with the reason and a fix; `force = true` trains it nevertheless.

This page is written from the specs in the engine (`make notes`): it names every key.
"""
LAYERS = """
## Layers

`network.layers` is a list of tables, `{ type = "dense", units = 128 }`; without `type` a layer is dense.
"""
MEMBERS = """
## Members with options

`activation`, `init`, `bias`, `loss`, `optimizer` and `schedule` take a name, `activation = "relu"`, or a table with
the name and options, `optimizer = { name = "sgd", lr = 0.1, momentum = 0.9 }`.
"""
HEADINGS = {
    "activation": "Activations",
    "init and bias": "Initialisers (`init` and `bias`)",
    "loss": "Losses",
    "optimizer": "Optimizers",
    "schedule": "Schedules",
}


def page() -> str:
    """Return the whole page."""
    return (
        "\n".join([OPENING, *_sections(), LAYERS, *_members(layer_tables()), MEMBERS, *_families()]).rstrip()
        + "\n"
    )


def _sections() -> Iterator[str]:
    for table in tables():
        yield f"## `[{table.title}]`\n" if table.title else "## Top level\n"
        yield _settings(table.settings)


def _families() -> Iterator[str]:
    for name, members in FAMILIES.items():
        yield f"### {HEADINGS[name]}\n"
        yield from _members(member_tables(members))


def _members(members: Iterable[Table]) -> Iterator[str]:
    """Yield members: those without options as a list, the others with a table each."""
    for member in members:
        yield f"**{member.title}**: {_escaped(member.text)}\n"
        if member.settings:
            yield _settings(member.settings)


def _settings(settings: Iterable[Setting]) -> str:
    rows = [
        f"| `{one.name}` | {one.type} | {_default(one.default)} | {_explained(one.text)} |"
        for one in settings
    ]
    return "\n".join(["| key | value | default | |", "|---|---|---|---|", *rows]) + "\n"


def _default(value: Any) -> str:
    match value:
        case msgspec.NODEFAULT:
            return "required"
        case "":
            return "empty"
        case dict():
            return f"`{value['name']}`"
        case list():
            return "a dense layer with as many units as the task needs"
    return f"`{msgspec.json.encode(value).decode()}`"


def _explained(text: str) -> str:
    return _escaped(text.replace("None (auto)", "auto"))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
