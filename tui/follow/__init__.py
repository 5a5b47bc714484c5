"""Following one run: its events are read from its folder and gathered as the figures that screens show."""
