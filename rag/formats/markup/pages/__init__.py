"""A web page's tree to blocks of text: what is seen of it, and how it is written out."""
