"""What a person has made of each document: whether it was read, and tags."""
