"""What people's judgements of answers change of a library's probability and threshold."""
