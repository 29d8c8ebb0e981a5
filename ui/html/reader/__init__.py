"""The parts of the document reader as HTML."""
