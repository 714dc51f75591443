import resource
from pathlib import Path

import pytest

from understudy.data import budget as module
from understudy.data.budget import budget

GIB = 2**30


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """16 GiB, no control groups, no resource limits; returns the folder of its `proc` and `groups`."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "status").write_text("VmPeak:\t 9 kB\nVmSize:\t 2097152 kB\nVmData:\t 1048576 kB\n")
    (tmp_path / "groups" / "memory").mkdir(parents=True)
    monkeypatch.setattr(module, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(module, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(module, "_physical", lambda: 16 * GIB)
    limit(monkeypatch)
    return tmp_path


def limit(monkeypatch: pytest.MonkeyPatch, **soft: int) -> None:
    limits = {getattr(resource, name): value for name, value in soft.items()}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limits.get(kind, resource.RLIM_INFINITY), -1))


def test_a_quarter_of_physical_memory(machine: Path) -> None:
    assert budget() == 4 * GIB


def test_control_groups_of_both_kinds_and_those_above(machine: Path) -> None:
    (machine / "proc" / "cgroup").write_text("4:memory:/a/b\n3:cpu:/c\n0::/x/y\n")
    (machine / "groups" / "x" / "y").mkdir(parents=True)
    (machine / "groups" / "x" / "y" / "memory.max").write_text("max\n")
    (machine / "groups" / "x" / "memory.max").write_text(f"{8 * GIB}\n")
    assert budget() == 2 * GIB
    (machine / "groups" / "memory" / "a").mkdir()
    (machine / "groups" / "memory" / "a" / "memory.limit_in_bytes").write_text(f"{4 * GIB}\n")
    assert budget() == GIB


def test_what_resource_limits_leave(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, RLIMIT_DATA=5 * GIB)
    assert budget() == GIB  # a quarter of 5 - 1
    limit(monkeypatch, RLIMIT_AS=4 * GIB)
    assert budget() == GIB // 2  # a quarter of 4 - 2
    limit(monkeypatch, RLIMIT_AS=GIB)
    assert budget() == 0


def test_this_machine() -> None:
    assert 0 < budget() < 2**50
