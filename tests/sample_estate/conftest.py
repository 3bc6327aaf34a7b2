import duckdb
import pytest

from sample_estate import EstateSummary, generate
from tests.sample_estate.manifests import listed, manifests


@pytest.fixture(scope="session")
def estate(tmp_path_factory) -> EstateSummary:
    return generate(
        tmp_path_factory.mktemp("estate") / "small", rows=5000, seed=7, providers=("aws",)
    )


@pytest.fixture(scope="session")
def bill(estate) -> duckdb.DuckDBPyConnection:
    """Views ``main`` (CUR 2.0) and ``lab`` (legacy) over the current assemblies, money exact."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    current = [
        str(estate.root / "exports" / path)
        for manifest in manifests(estate.root, "month").values()
        for path in listed(manifest)
    ]
    parquet = [path for path in current if path.endswith(".parquet")]
    gzipped = [path for path in current if path.endswith(".csv.gz")]
    con.execute(
        f"create view raw_main as select * from read_parquet({parquet}, hive_partitioning = false)"
    )
    doubles = [
        name for name, kind, *_ in con.execute("describe raw_main").fetchall() if kind == "DOUBLE"
    ]
    exact = ", ".join(
        f"cast(cast({name} as varchar) as decimal(38, 16)) as {name}" for name in doubles
    )
    con.execute(f"create view main as select * replace ({exact}) from raw_main")
    con.execute(
        f"create view lab as select * from read_csv({gzipped}, all_varchar = true,"
        " union_by_name = true, delim = ',', quote = '\"', header = true)"
    )
    for path in sorted((estate.root / "truth").glob("*.parquet")):
        con.execute(f"create view truth_{path.stem} as select * from '{path}'")
    return con
