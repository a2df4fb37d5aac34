"""What is due, and how it is read: calls through the governor, answers into the store, coverage of both."""
