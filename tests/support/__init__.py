"""What tests stand on: projects to run, repositories of git, and real services."""
