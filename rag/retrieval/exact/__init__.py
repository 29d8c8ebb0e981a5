"""What is known of a question without guessing: where what it names stands, and what is missing."""
