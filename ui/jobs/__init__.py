"""Background jobs: reading uploads, removals that can be undone, switching the model."""
