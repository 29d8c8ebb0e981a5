"""Text: encodings, blocks, paragraphs, sentences, windows, languages."""
