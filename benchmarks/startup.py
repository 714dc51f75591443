"""How long do `understudy --help` and `import understudy` take? Whole processes; wanted: under 0.3 s each."""

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "understudy --help": [sys.executable, "-m", "understudy", "--help"],
    "import understudy": [sys.executable, "-c", "import understudy"],
    "python itself": [sys.executable, "-c", "pass"],
}
RUNS, WANTED = 15, 0.3


def seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


if __name__ == "__main__":
    missed = False
    for name, command in COMMANDS.items():
        seconds(command)  # warm-up
        taken = [seconds(command) for _ in range(RUNS)]
        missed |= statistics.median(taken) > WANTED
        print(f"{name:20} median {statistics.median(taken):.3f} s, from {min(taken):.3f} to {max(taken):.3f}")
    if missed:
        sys.exit(f"missed: wanted under {WANTED} s")
