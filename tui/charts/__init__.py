"""Charts: arrays to strips and lines of text, pure; each takes the width and height that it may fill, and fills them."""
