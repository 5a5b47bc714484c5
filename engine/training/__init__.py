"""Training: the loop as a stream of events, back ends, evaluation and early stopping. Writes no files."""
