"""What operators look at: events, connections, statistics, health and metrics."""
