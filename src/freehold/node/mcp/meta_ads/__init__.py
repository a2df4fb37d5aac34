"""Meta Ads: the client's ad accounts, what they did, and changes to them that a person approves."""
