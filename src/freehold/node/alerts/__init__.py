"""What goes wrong for long enough that a person should know: told once when it begins, and once when it ends."""
