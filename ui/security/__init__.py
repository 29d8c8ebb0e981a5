"""Access control: log-in, API keys, hosts, and the guard that every request passes."""
