"""The parts of the fleet as processes on one machine: for the demo and for ``ctcollect up``."""
