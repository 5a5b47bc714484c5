"""Charts: pure functions from arrays to strips or lines of text, in a given width and height."""
