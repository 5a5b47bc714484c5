"""The glossary: every term that a screen shows, in a sentence, with its usual range."""

from tui.glossary.search import TERMS, find_term, matching, terms_of
from tui.glossary.term import Term

__all__ = ["TERMS", "Term", "find_term", "matching", "terms_of"]
