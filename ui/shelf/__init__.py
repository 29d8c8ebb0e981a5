"""What the page does with the list of documents."""
