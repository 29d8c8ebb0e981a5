"""What a PDF says of itself beside its pages: bookmarks, title, author and date."""
