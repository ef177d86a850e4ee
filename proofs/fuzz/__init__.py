"""Property-based fuzzing of the sandbox against its own OpenAPI documents, and a set of hostile files."""
