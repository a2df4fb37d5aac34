"""Questions in SQL: what may be asked, and two cages in which it is answered, one for each kind of database."""
