"""Shades of the text colour for secondary text, as styles of `Content`."""

MUTED = "$foreground 60%"
FAINT = "$foreground 40%"
