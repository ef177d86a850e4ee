"""Letters and postcards by Intelliprint."""
