"""Figures, units, events and changes as text, shared by the app and the command line. Free of Textual."""
