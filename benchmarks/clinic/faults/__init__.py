"""The table of faults.

All of the list that the doctor was planned with, but for those of Boltzmann machines and spiking networks, which the
house does not have yet. Faults of a hand-written backward pass are found by `us.check_gradients`, and tested there.
"""

from benchmarks.clinic.fault import Fault
from benchmarks.clinic.faults import data, dynamic, generative, losses, structural

TABLE: dict[str, Fault] = {
    fault.name: fault for part in (structural, losses, data, dynamic, generative) for fault in part.FAULTS
}
