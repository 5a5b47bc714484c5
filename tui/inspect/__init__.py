"""The views of the Inspect screen, one a file: what an answer of `engine.inspection` looks like.

To add one, write the engine's side first (see `engine.inspection`), then here `NAME.py` with the class `NameView`, a
subclass of `tui.inspect.view.InspectView` that shows the answer, and give it an entry in `registry.py`, which
`nnterm inspect` reads too. Its text is a function in `tui/cli/inspect_output.py`; without one the answer is printed as
JSON.

Nothing here computes, and nothing loads NumPy before there is something to draw: answers come decoded, from a process
of their own (`client.py`), in which `engine.inspection.server` keeps the data and the networks.
"""
