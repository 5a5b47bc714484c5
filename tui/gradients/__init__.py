"""The Gradients screen: the gradient check, its error maps, and a step-through of backpropagation."""
