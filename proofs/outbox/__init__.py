"""The outbox in a real browser: driven by mouse and keyboard, measured with 10,000 letters, photographed."""
