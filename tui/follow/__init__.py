"""A run followed through its folder: the reader, what is kept of the events, commands that wait for an answer."""
