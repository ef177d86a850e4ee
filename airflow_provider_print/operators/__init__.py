"""Operators of both services."""
