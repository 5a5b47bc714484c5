"""docs/experiment.md names every key of the experiment file, with the defaults that the engine applies."""

import tomllib

import msgspec

from engine.experiment.experiment import Experiment
from engine.experiment.reference import FAMILIES, Table, layer_tables, member_tables, tables
from tests.docs.experiment_page import PAGE, page


def all_tables() -> list[Table]:
    members = [table for family in FAMILIES.values() for table in member_tables(family)]
    return [*tables(), *layer_tables(), *members]


def test_the_page_is_written_from_the_specs() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: make notes"


def test_every_setting_is_explained() -> None:
    bare = [f"{table.title}.{one.name}" for table in all_tables() for one in table.settings if not one.text]
    assert not bare
    assert not [table.title for table in all_tables() if not table.text]


def test_the_defaults_are_those_of_an_experiment() -> None:
    plain = Experiment().to_raw()
    for table in tables():
        given = plain[table.title] if table.title else plain
        for one in table.settings:
            if not one.is_suggested and one.name != "loss" and one.default is not msgspec.NODEFAULT:
                shown = given.get(one.name, one.default)
                shown = shown["name"] if isinstance(shown, dict) else shown
                expected = one.default["name"] if isinstance(one.default, dict) else one.default
                assert shown == expected, f"{table.title}.{one.name}"


def test_a_file_with_every_default_written_out_is_accepted() -> None:
    lines = ['[data]\ndataset = "moons"']
    (training,) = [table for table in tables() if table.title == "training"]
    lines.append("[training]")
    for one in training.settings:
        if one.is_suggested:
            continue
        value = one.default["name"] if isinstance(one.default, dict) else one.default
        lines.append(f"{one.name} = {msgspec.json.encode(value).decode()}")
    text = "\n".join(lines)
    assert tomllib.loads(text)
    assert Experiment.from_toml(text) == Experiment.from_toml('[data]\ndataset = "moons"')
