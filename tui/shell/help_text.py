"""The texts of the help: a table of keys, and terms with their meaning, as lines of a given width."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from textual.content import Content

from tui.glossary import TERMS, Term, matching
from tui.shell.active_actions import Action

HEADS = {"panel": "This panel", "screen": "This screen", "app": "Everywhere"}
"""Headings of the keys, by the place where an action is declared."""
AT_OTHER_TIMES = "At other times"
_GAP = "  "
_MOST_KEYS = 16
"""Columns for the keys of an action."""


@dataclass(frozen=True)
class HelpKeys:
    """The keys that the help lists."""

    actions: Sequence[Action] = ()
    moves: Sequence[tuple[str, str]] = ()
    """Keys and effects of what moves a cursor or changes the panel."""
    states: Mapping[str, str] = field(default_factory=dict)
    """When an action is available that is disabled now, by its name."""

    def lines(self, query: str, width: int) -> Iterator[Content]:
        """Yield the keys under headings; with a query, only those that match all its words."""
        found = [action for action in self.actions if _matches(query, action.text, action.name, *action.keys)]
        moves = [(keys, text) for keys, text in self.moves if _matches(query, text)]
        texts = [" ".join(action.keys) for action in found] + [keys for keys, _ in moves]
        room = max(6, min(_MOST_KEYS, max(map(len, texts), default=0)))
        for place, head in HEADS.items():
            rows = [
                (" ".join(action.keys), action.text)
                for action in found
                if action.place == place and action.enabled
            ]
            yield from _section(head, [*rows, *(moves if place == "app" else [])], room, width)
            if place == "screen":
                later = [action for action in found if not action.enabled]
                rows = [(" ".join(action.keys), self._with_state(action)) for action in later]
                yield from _section(AT_OTHER_TIMES, rows, room, width, "dim")

    def _with_state(self, action: Action) -> str:
        state = self.states.get(action.action.partition("(")[0], "")
        return f"{action.text} ({state})" if state else action.text


def _section(
    head: str, rows: Sequence[tuple[str, str]], room: int, width: int, style: str = ""
) -> Iterator[Content]:
    """Yield a heading, a row per pair of keys and text, and an empty line; nothing without rows."""
    if rows:
        yield Content.styled(head, "bold $primary")
        for keys, text in rows:
            start = Content.styled(keys.rjust(room), style or "bold $accent")
            yield from _hanging(start, Content.styled(text, style), room + len(_GAP), width)
        yield Content("")


def _hanging(start: Content, text: Content, indent: int, width: int) -> Iterator[Content]:
    """Yield `start` and `text` in lines; those after the first one are indented."""
    first, *others = text.wrap(max(16, width - indent))
    pad = max(len(_GAP), indent - start.cell_length)
    yield Content.assemble(start, " " * pad, first)
    for line in others:
        yield Content.assemble(" " * indent, line)


def _matches(query: str, *texts: str) -> bool:
    return all(any(word in text.casefold() for text in texts) for word in query.casefold().split())


def glossary_lines(
    query: str, shown: Sequence[Term], others: Sequence[Term], width: int
) -> Iterator[Content]:
    """Yield the terms of the screen, first those that it shows now; with a query, all terms that match it."""
    if query:
        yield from _terms("Glossary", matching(query, TERMS), width)
    else:
        yield from _terms("Terms on this screen now", shown, width)
        yield from _terms("Other terms of this screen", others, width)


def _terms(head: str, terms: Sequence[Term], width: int) -> Iterator[Content]:
    if not terms:
        return
    yield Content.styled(head, "bold $primary")
    for term in terms:
        small_print = term.text[len(term.meaning) :]
        text = Content.assemble((term.name, "bold $accent"), _GAP, term.meaning, (small_print, "$text-muted"))
        first, *more = text.wrap(max(16, width - len(_GAP)))
        yield first
        for line in more:
            yield Content.assemble(_GAP, line)
    yield Content("")
