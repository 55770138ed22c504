"""Blanks (бланки): one definition is the truth for what is printed and for what is read back.

`definition` is the file as people write it, `layout` the same with every cell in its place, `page_code` what
is printed in the codes of a page, `printing` makes personal PDFs.
"""
