"""Memory that is given back is kept, where the C library has a switch for it."""

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource
import torch
from understudy.data.heap import keep_memory

if LIMITED:
    resource.setrlimit(resource.RLIMIT_DATA, (10**9, resource.RLIM_INFINITY))
kept = keep_memory()

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.empty(50_000_000, dtype=torch.uint8).fill_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(kept, [faults() for _ in range(20)][-1])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a switch of glibc")
@pytest.mark.parametrize("limited", [False, True])
def test_a_freed_block_is_used_again_without_new_pages_where_there_is_room(limited: bool) -> None:
    script = SCRIPT.replace("LIMITED", str(limited))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    kept, faults = done.stdout.split()
    assert kept == str(not limited)
    assert (int(faults) > 1_000) == limited
