"""What people are told by e-mail, Slack, webhook and other ways: written down first, then sent until it has arrived."""
