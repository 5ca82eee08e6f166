"""Figures: read model -> matplotlib Figure -> bytes. One module a figure; no pyplot, no models, no request."""
