"""What the node no longer needs is deleted: the rows of its own doings, never what it collected."""
