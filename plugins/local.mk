# The programs: an option table and one struct check each.
