"""Shades of the text colour for words of less weight, as styles of `Content`."""

MUTED = "$foreground 60%"
FAINT = "$foreground 40%"
