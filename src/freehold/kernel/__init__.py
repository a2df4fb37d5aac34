"""What every process of Freehold stands on: time, cryptography, logs, problems, listeners, addresses."""
