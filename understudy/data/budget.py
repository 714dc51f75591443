"""How much memory decoded pictures may fill: a quarter of what this process can still have."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc/self")
_GROUPS = Path("/sys/fs/cgroup")
_LIMIT_FILES = ("memory.max", "memory.limit_in_bytes")  # cgroup 2, cgroup 1


def budget() -> int:
    """A quarter, in bytes, of the smallest of physical memory, control group limits, and what resource limits leave."""
    return min([_physical(), *_group_limits(), *_resource_limits()]) // 4


def _physical() -> int:
    if sys.platform == "win32":
        return 4 * 2**30  # Windows does not tell through the standard library: a small laptop's
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _group_limits() -> Iterator[int]:
    """The limits of the process's groups and of all groups above them."""
    for group in _groups():
        for folder in (group, *group.parents):
            yield from _limits_in(folder)


def _groups() -> Iterator[Path]:
    table = _PROC / "cgroup"
    for line in table.read_text().splitlines() if table.exists() else ():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            yield _GROUPS / controllers / path.lstrip("/")


def _limits_in(folder: Path) -> Iterator[int]:
    for name in _LIMIT_FILES:
        if (folder / name).is_file():
            text = (folder / name).read_text().strip()
            if text != "max":
                yield int(text)


def _resource_limits() -> Iterator[int]:
    """What is left of each limit: these count what the process already has, such as torch itself."""
    if sys.platform == "win32":
        return
    import resource

    for limit, used in ((resource.RLIMIT_DATA, "VmData"), (resource.RLIMIT_AS, "VmSize")):
        soft, _ = resource.getrlimit(limit)
        if soft != resource.RLIM_INFINITY:
            yield max(0, soft - _used(used))


def _used(name: str) -> int:
    table = _PROC / "status"
    lines = table.read_text().splitlines() if table.exists() else []
    kilobytes = next((line.split()[1] for line in lines if line.startswith(f"{name}:")), "0")
    return int(kilobytes) * 1024
