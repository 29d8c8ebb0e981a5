"""What a file's metadata say of the document: its title, author and date."""
