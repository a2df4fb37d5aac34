"""Instagram's part of the Graph: accounts, media, stories, insights, competitors and hashtags."""
