"""Training: the loop as a stream of events, its back ends, evaluation and early stopping. Writes no file."""
