"""A question: its syntax, its scope, its vector and terms."""
