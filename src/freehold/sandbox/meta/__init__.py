"""Meta as the Graph API shows it: sign-in, Instagram, pages and ads over one seeded world."""
