"""Columns of the public tables: one module a noun, rows are the read models of `analysis`."""
