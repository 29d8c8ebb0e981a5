"""What the server does with its library, by subject: parts of `ui.service`."""
