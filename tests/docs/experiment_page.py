"""Writing docs/experiment.md from the specs: `python -m tests.docs.experiment_page`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from engine.data import dataset_infos
from engine.experiment.reference import (
    FAMILIES,
    Setting,
    Table,
    default_words,
    layer_tables,
    member_tables,
    tables,
)

PAGE = Path(__file__).parents[2] / "docs" / "experiment.md"

OPENING = """\
# The experiment file

One TOML file holds everything that a run depends on. `nnterm train FILE` trains it, `nnterm check FILE` checks its
gradients, the Build screen opens (`o`) and saves (`w`) it. `nnterm init FILE --dataset NAME` writes one with a comment
on every key; `nnterm show --config RUN` prints that of a run, and `-` stands for standard input in place of FILE.

Only `data.dataset` is required. What is left out has the default below:

- "auto": nnterm chooses from the other settings.
- "as the dataset suggests": layers, optimizer, epochs and batch size come from the dataset, exactly as for
  `nnterm train --dataset NAME`; the table below has them. An optimizer without `lr` has the suggested rate if it is the
  suggested optimizer, else its own default; without `name` it is the suggested one. `layers = []` is a network without a
  hidden layer. A layer that is given has the defaults of its type.

`--set KEY=VALUE` changes any key for one command: `--set training.epochs=20`,
`--set 'network.layers[0].activation=tanh'`. It comes before the suggestions: `--set data.dataset=moons` brings those of
moons.

Unknown keys, wrong types and values out of range are refused, all at once, each with its key and what is allowed. A
combination that makes no sense is refused with the reason and a fix; `force = true` trains it nevertheless.

This page is written from the specs in the engine (`make notes`): it names every key.
"""
SUGGESTIONS = """
## Suggestions of the datasets

| dataset | hidden layers | activation | optimizer | lr | batch size | epochs |
|---|---|---|---|---|---|---|
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
        "\n".join(
            [
                OPENING,
                *_sections(),
                SUGGESTIONS.rstrip(),
                *_suggestions(),
                LAYERS,
                *_members(layer_tables()),
                MEMBERS,
                *_families(),
            ]
        ).rstrip()
        + "\n"
    )


def _sections() -> Iterator[str]:
    for table in tables():
        yield f"## `[{table.title}]`\n" if table.title else "## Top level\n"
        yield _settings(table.settings)


def _suggestions() -> Iterator[str]:
    for info in dataset_infos():
        one = info.suggestion
        hidden = ", ".join(map(str, one.layers)) or "none"
        batch = one.batch_size or "0 (all)"
        yield f"| {info.name} | {hidden} | {one.activation} | {one.optimizer} | {one.lr:g} | {batch} | {one.epochs} |"
    yield "| own images | 128, 64 | relu | adam | 0.001 | 64 | 10 |"
    yield "| own rows, classes | 32, 32 | relu | adam | 0.005 | 32 | 50 |"
    yield "| own rows, values | 32, 32 | tanh | adam | 0.005 | 32 | 50 |"


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
    rows = [f"| `{one.name}` | {one.type} | {_default(one)} | {_escaped(one.text)} |" for one in settings]
    return "\n".join(["| key | value | default | |", "|---|---|---|---|", *rows]) + "\n"


def _default(setting: Setting) -> str:
    words = default_words(setting)
    in_words = setting.is_suggested or setting.default in (msgspec.NODEFAULT, "")
    return words if in_words else f"`{words}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
