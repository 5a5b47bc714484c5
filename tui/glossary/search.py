"""Finding terms: by name, by screen, by words."""

import re
from collections.abc import Sequence

from tui.glossary import evaluation, health, network, training
from tui.glossary.term import Term

TERMS = tuple(
    sorted(
        (*training.TERMS, *network.TERMS, *health.TERMS, *evaluation.TERMS),
        key=lambda term: term.name.casefold(),
    )
)
"""All terms in alphabetical order."""
_BY_NAME = {name.casefold(): term for term in reversed(TERMS) for name in term.names[::-1]}
_BY_NAME.update({term.name.casefold(): term for term in TERMS})  # a name comes before another's alias


def find_term(name: str) -> Term | None:
    """Return the term of this name or alias, None if there is none."""
    return _BY_NAME.get(name.casefold())


def terms_of(mode: str, text: str = "") -> tuple[list[Term], list[Term]]:
    """Return the terms of a screen: those that `text`, the text on it now, contains, and the others."""
    of_screen = [term for term in TERMS if mode in term.screens.split()]
    shown = [term for term in of_screen if any(_contains(text, name) for name in term.names)]
    return shown, [term for term in of_screen if term not in shown]


def matching(query: str, terms: Sequence[Term] = TERMS) -> list[Term]:
    """Return the terms that match all words of `query`: those whose names begin with it first."""
    words = query.casefold().split()
    found = [term for term in terms if all(word in _searchable(term) for word in words)]
    return sorted(
        found, key=lambda term: (not _is_named(term, query.strip()), not _names_contain(term, words))
    )


def _is_named(term: Term, query: str) -> bool:
    return any(name.casefold().startswith(query.casefold()) for name in term.names)


def _names_contain(term: Term, words: Sequence[str]) -> bool:
    return all(word in " ".join(term.names).casefold() for word in words)


def _searchable(term: Term) -> str:
    return f"{' '.join(term.names)} {term.text}".casefold()


def _contains(text: str, name: str) -> bool:
    """Return whether `name` stands in `text` as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
