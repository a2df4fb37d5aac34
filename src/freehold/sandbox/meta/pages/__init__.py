"""Facebook pages in the Graph: the page, its posts, and insights as v26.0 names them."""
