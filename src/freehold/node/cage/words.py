"""The words of SQL that a question may hold, by what they are. What stands nowhere here is a name that somebody chose."""

from typing import Final, Literal

Dialect = Literal["postgresql", "sqlite"]

KEYWORDS: Final = frozenset(
    "select with from join inner left right full outer cross on using where group by having order limit offset union "
    "except intersect all distinct as and or not in is null like ilike between exists case when then else end asc desc "
    "nulls first last over partition rows range unbounded preceding following current row filter within window true "
    "false any cast double precision current_date current_timestamp escape".split()
)
"""What holds a question together."""

REFUSED: Final = frozenset(
    "insert update delete merge into for table values recursive lateral tablesample natural returning similar glob "
    "match regexp collate pragma attach raise user current_user session_user system_user current_role current_catalog "
    "current_schema".split()
)
"""What would change or lock something, go on without an end, or tell of the server."""

PREFIXES: Final = ("pg_", "sqlite_", "pragma_", "information_schema")
"""How the names of catalogs begin, and of the servers' own functions."""

TYPES: Final = frozenset(
    "text varchar integer int bigint smallint numeric decimal real float double date timestamp timestamptz time "
    "interval boolean bool".split()
)
WRITTEN: Final = frozenset({"date", "timestamp", "timestamptz", "time", "interval"})
"""Types that may stand before a text: date '2026-03-01'."""

_COMMON: Final = (
    "count sum avg min max abs round coalesce nullif lower upper length trim ltrim rtrim substr date row_number rank "
    "dense_rank ntile lag lead first_value last_value nth_value cume_dist percent_rank"
)
FUNCTIONS: Final[dict[Dialect, frozenset[str]]] = {
    "postgresql": frozenset(
        f"{_COMMON} date_trunc date_part to_char greatest least percentile_cont percentile_disc mode stddev stddev_samp "
        "stddev_pop variance var_samp var_pop corr regr_slope regr_intercept regr_r2 floor ceil ceiling sign mod "
        "substring strpos left right initcap bool_and bool_or now to_date".split()
    ),
    "sqlite": frozenset(f"{_COMMON} strftime julianday datetime unixepoch ifnull iif instr total sign".split()),
}
"""What may be called: nothing that waits, writes, reads a file, tells of the server, or makes a long text of a short."""

BEFORE_PARENTHESES: Final = frozenset(
    "select from join on using where by having in as and or not between exists when then else case over filter group "
    "like ilike union except intersect all any limit offset is cast left right".split()
)
"""Keywords after which a parenthesis may open; `left` and `right` are functions, too."""
