"""The command `nnterm`: one file per command, and the options, output and displays that the commands share."""
