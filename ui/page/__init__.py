"""The chat page: the frame that Gradio draws, and the routes that the page's script calls."""
