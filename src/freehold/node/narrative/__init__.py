"""Narrative: findings in words, by templates or a language model, and no number, date or name but the evidence's."""
