"""What is configured: the project's folder and its settings."""
