"""Several processes that share each batch of one training. The modules import torch; import them inside functions."""
