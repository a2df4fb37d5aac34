"""Whether today's ads cost what they usually do: today against the band of the days before, from what is stored."""
