"""The query string of public pages: which names a page knows, and their plain form.

What a value means (is there such an edition?) is for `pages` to say; here only its shape is checked.
"""
