"""The HTML of the page. Every function that draws something returns `Html`, which escapes."""
