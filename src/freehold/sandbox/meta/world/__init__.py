"""The truth that the sandbox answers from: people, posts and ads, all of them functions of one seed."""
