"""Report tables over works (работы), at every level from one school to the country.

`works` keeps works in Parquet; `counting` sums them up once by school, `stored` keeps those sums, `levels`
adds them up for municipalities, regions and the country. Each official direction is a module (`directions`
lists them), `individual` and `f1` are the works themselves; `reading` puts a place into plain words. `rules`
says which numbers may be shown and how they are read. `grid` is the one layout that every document draws:
`workbook`, `pdf`, `files`, the pages and the command line; `charts` draws the pictures.
"""
