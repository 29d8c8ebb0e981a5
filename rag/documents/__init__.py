"""Single documents of a library: looked up by id, drawn, verified."""
