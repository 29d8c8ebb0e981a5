"""Cases and conversations for programs: REST and MCP."""
