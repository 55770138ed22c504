"""Report tables over works (работы), at every level from one school to the country.

`works` keeps works in Parquet, `levels` adds them up once for all levels, `marks` and `solving` are one
report each, `rules` says which numbers may be shown and how they are read; `workbook` and `charts` show the
same tables.
"""
