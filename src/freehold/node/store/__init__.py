"""What was collected: the only SQL over it."""
