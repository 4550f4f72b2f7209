"""Which fields of a form to require: from a list of its fields to verdicts, in closed form over many settings.

`field_list` reads the list, `people` turns a row into who fills the field, `settings` says how they may behave, `form`
values the whole record, `advice` decides; `tables`, `cells`, `words` and `files` show it.
"""
