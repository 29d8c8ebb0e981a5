"""What a question names that must stand word for word: identifiers, numbers, dates, mentions."""
