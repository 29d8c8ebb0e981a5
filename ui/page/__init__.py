"""The chat page: Gradio's frame, and the routes that its scripts call."""
