"""Service targets: by when an item is to be answered and closed, and whether it was."""
