"""The trials: writers killed, power cut, files damaged, databases restored."""
