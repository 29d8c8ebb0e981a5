"""Models compiled for this machine: made, cached, run."""
