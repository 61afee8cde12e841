"""Ways out of the hub: each takes one envelope and says what became of it."""
