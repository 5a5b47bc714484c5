"""Files on disk: atomic writes, sealed safetensors files, weights with everything that resuming needs."""
