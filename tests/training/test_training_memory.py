"""What a step frees stays with the process."""

import subprocess
import sys

import pytest

TWENTY_ROUNDS = """
import resource
from understudy.training.freed_memory import keep_freed_memory
assert keep_freed_memory()
touched = []
for _ in range(20):
    held = [bytes(12_000_000) for _ in range(3)]  # 8,800 pages
    touched.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
    del held
print(touched[-1] - touched[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's settings")
def test_freed_memory_is_used_again() -> None:
    done = subprocess.run([sys.executable, "-c", TWENTY_ROUNDS], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 8_800
