"""Files: atomic writes, bounded reads, and opening without trust in what stands in a folder."""
