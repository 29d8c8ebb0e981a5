"""Cases, kept quotes and conversations as HTML."""
