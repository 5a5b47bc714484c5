"""The gradient check of any function: a loss and its gradient as two Python functions of arrays."""
