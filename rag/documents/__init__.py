"""Single documents of a library: look-up by id, page images, verification."""
