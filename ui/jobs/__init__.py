"""Work in the background: uploads, removals that can be undone, a change of model."""
