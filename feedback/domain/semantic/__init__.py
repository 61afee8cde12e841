"""Search by meaning, where a local model is installed: `model` makes vectors, `upkeep` keeps them, `search` asks."""
