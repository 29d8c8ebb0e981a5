"""The two documents that Quoth answers from out of the box, and questions about them."""
