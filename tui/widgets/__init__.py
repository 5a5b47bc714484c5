"""Widgets shared by screens: state goes in by reactives or `show(...)`, events come out as messages."""
