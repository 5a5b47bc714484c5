"""The glossary: every term that a screen shows, in a sentence, with its usual range."""
