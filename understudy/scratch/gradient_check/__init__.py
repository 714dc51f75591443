"""Is a hand-written backward pass right, and if not, which mistake does it look like?

A *subject* (`subjects.py`, `torch_function.py`) is code with a backward pass. A *case* (`case.py`) is the subject on
one input, with its Jacobian by central differences (`differences.py`). A *hypothesis* (the table in `hypotheses.py`)
claims what a mistake would make of the case; the ones whose claims hold are the diagnosis (`check.py`).
"""
