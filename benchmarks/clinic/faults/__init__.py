"""The table of faults.

All of the list that the doctor was planned with.
"""

from benchmarks.clinic.fault import Fault
from benchmarks.clinic.faults import backward, boltzmann, data, dynamic, generative, losses, structural

FIRST: dict[str, Fault] = {
    fault.name: fault for part in (structural, losses, data, dynamic, generative) for fault in part.FAULTS
}
"""Those that the frozen set was scored with."""
ADDED: dict[str, Fault] = {fault.name: fault for part in (backward, boltzmann) for fault in part.FAULTS}
"""Those that came later, and are scored by themselves."""
TABLE: dict[str, Fault] = FIRST | ADDED
