"""From a question to ranked passages and an answer."""
