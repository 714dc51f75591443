"""Memory that a step gives back is kept for the next one."""

import ctypes
import sys

from understudy.data.budget import budget

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # malloc.h
NEVER, USUAL_BLOCKS, USUAL_TRIM = -1, 65_536, 128 * 1024
GROWTH = 2
"""Of a quarter of what there is: the C library's aligned blocks (PyTorch's are) leave holes that they do not fit into
again, and a heap of one size of block was seen to grow to six of them before it was used anew."""


def keep_memory() -> bool:
    """Tell the C library not to return freed memory to the system, where there is room; whether it is so now.

    By default it maps each large block anew and unmaps it when it is freed, so that every step's activations begin as
    pages that the system has to clear one by one: an LSTM 1x512 at batch 64, length 64, forward and backward in bf16,
    took 66 ms on two threads, with its memory kept 45; in fp32 121 and 80. Only glibc has this switch.
    """
    switch = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if switch is None:
        return False
    roomy = GROWTH * _peak() <= budget()
    switch(MMAP_MAX, 0 if roomy else USUAL_BLOCKS)
    switch(TRIM_THRESHOLD, NEVER if roomy else USUAL_TRIM)
    return roomy


def _peak() -> int:
    """The most bytes of memory that this process ever had."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
