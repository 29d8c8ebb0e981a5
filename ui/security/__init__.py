"""Who may ask: log-in, API keys, hosts, request guard."""
