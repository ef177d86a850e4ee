"""Waiting: on the worker and in the triggerer, read-only, by one judgement; and many waits share one poll."""
