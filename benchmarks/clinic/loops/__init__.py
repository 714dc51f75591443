"""Training loops in plain PyTorch, with settings drawn at random, as they are right and with one mistake each.

A loop takes its settings and the name of a mistake, or an empty text, and returns the `us.watch` that saw it. Its
mistakes are branches at the line where people make them.
"""
