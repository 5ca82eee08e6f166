"""Doors for the web: understand the request, call one thing below, answer."""
