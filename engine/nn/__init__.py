"""The neural network in NumPy: `Network`, its layers, activations, losses and initialisers."""
