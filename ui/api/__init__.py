"""The interfaces of programs: REST, MCP and gradio_client, over the same few calls."""
