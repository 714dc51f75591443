"""How sequences come out of a network that says at each step what may come next."""
