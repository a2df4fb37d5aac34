"""Advice: a look at what is stored, what it finds in words, and what came of what people made of it."""
