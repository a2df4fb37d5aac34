"""The words of SQL that a question may hold, by what they are. What is none of them is a name that somebody chose."""

from typing import Final, Literal

Dialect = Literal["postgresql", "sqlite"]


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


KEYWORDS: Final = _words(
    "select with from join inner left right full outer cross on using where group by having order limit offset",
    "union except intersect all distinct as and or not in is null like ilike between exists case when then else end",
    "asc desc nulls first last over partition rows range unbounded preceding following current row filter within",
    "window true false any cast double precision current_date current_timestamp escape",
)
"""What holds a question together."""

REFUSED: Final = _words(
    "insert update delete merge into for table values recursive lateral tablesample natural returning similar glob",
    "match regexp collate pragma attach raise user current_user session_user system_user current_role",
    "current_catalog current_schema",
)
"""What would change or lock something, go on without an end, or tell of the server."""

PREFIXES: Final = ("pg_", "sqlite_", "pragma_", "information_schema")
"""How the names of catalogs begin, and of the servers' own functions."""

TYPES: Final = _words(
    "text varchar integer int bigint smallint numeric decimal real float double date timestamp timestamptz time",
    "interval boolean bool",
)
WRITTEN: Final = _words("date timestamp timestamptz time interval")
"""Types that may stand before a text: date '2026-03-01'."""

_COMMON: Final = _words(
    "count sum avg min max abs round coalesce nullif lower upper length trim ltrim rtrim substr date row_number rank",
    "dense_rank ntile lag lead first_value last_value nth_value cume_dist percent_rank",
)
FUNCTIONS: Final[dict[Dialect, frozenset[str]]] = {
    "postgresql": _COMMON
    | _words(
        "date_trunc date_part to_char to_date now greatest least percentile_cont percentile_disc mode stddev",
        "stddev_samp stddev_pop variance var_samp var_pop corr regr_slope regr_intercept regr_r2 floor ceil ceiling",
        "sign mod substring strpos left right initcap bool_and bool_or",
    ),
    "sqlite": _COMMON | _words("strftime julianday datetime unixepoch ifnull iif instr total sign"),
}
"""What may be called: nothing that waits, writes, reads a file, tells of the server, or makes a short text long."""

BEFORE_PARENTHESES: Final = _words(
    "select from join on using where by having in as and or not between exists when then else case over filter group",
    "like ilike union except intersect all any limit offset is cast left right",
)
"""Keywords after which a parenthesis may open; `left` and `right` are functions, too."""
