"""Leadership, coverage, trajectories: pure functions over rows -> frozen dataclasses (read models).

The same read model feeds page, figure, CSV, JSON and alt text. Knows no Django, no HTML, no matplotlib.
"""
