"""The documents of a library as the page lists them."""
