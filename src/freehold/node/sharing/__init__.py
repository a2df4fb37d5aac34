"""An edition of the report is read by whoever has a link to it, for a while; each reading is noted."""
