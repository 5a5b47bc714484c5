"""docs/json.md names every line and every field, with its type and meaning; it is written from the structs."""

from tests.docs.json_page import COMMANDS, PAGE, objects, page, struct_fields


def test_the_page_is_written_from_the_structs() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: make notes"


def test_every_field_has_a_type_and_a_meaning() -> None:
    fields = {
        f"{one.tag}.{name}": words
        for lines in COMMANDS.values()
        for one in lines
        for name, words in one.fields().items()
    }
    fields |= {
        f"{one.__name__}.{name}": words for one in objects() for name, words in struct_fields(one).items()
    }
    assert not [name for name, (words, meaning) in fields.items() if not words or not meaning]
