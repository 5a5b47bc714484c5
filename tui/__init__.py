"""The app in the terminal, and the command `nnterm`."""
