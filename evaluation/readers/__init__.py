"""What the file readers make of real files and of broken ones."""
