"""The people with a role on the Meta app: counted against its cap, and compared with what Meta lists."""
