"""Records that satisfy somebody's schema, or break it in a labelled way."""
