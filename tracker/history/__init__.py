"""What is tracked, recording, the timeline, and the past as a database. Knows no request."""
