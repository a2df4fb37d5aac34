"""What the broker no longer needs is deleted."""
