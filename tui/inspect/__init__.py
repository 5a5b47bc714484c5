"""The views of the Inspect screen, one a file: what an answer of `engine.inspection` looks like.

To add one: write the engine's side first (see `engine.inspection`), then here a file with a subclass of
`tui.inspect.view.InspectView` that shows the answer, and name it with its key in `registry.py`. The text that
`nnterm inspect` prints stands in `tui/cli/inspect_output.py`.

Nothing here computes, and nothing loads NumPy before there is something to draw: answers come decoded, from a process
of their own (`client.py`), in which `engine.inspection.server` keeps the data and the networks.
"""
