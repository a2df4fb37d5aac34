"""Which kinds of files there are, for those who name one without writing any."""

from typing import Final, Literal, get_args

Format = Literal["csv", "xlsx", "parquet"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
