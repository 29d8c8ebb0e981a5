"""What programs ask of the server: REST, MCP and gradio_client over the same few calls."""
