"""Works on a Spark cluster (extra «cluster»): the expressions that DuckDB runs here, Spark runs there.

    session = SparkSession.builder.master("spark://…").getOrCreate()
    works = works_on_cluster(session, "hdfs://…/works", "vpr-2026", paper)
    sums = school_sums(works, paper, MARKS_COUNTED)

The numbers are the same: whole ones exactly, percents are made of them afterwards by the same code.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from oko.engines.papers import Paper
from oko.engines.statistics.works import chosen_columns, works_path

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def works_on_cluster(session: SparkSession, root: str | Path, assessment: str, paper: Paper) -> ir.Table:
    """The works of a paper in all regions as an Ibis table on Spark, with the columns of `open_works`.

    It is no snapshot: who writes works during a query may break it. Settings and views of the caller's
    session stay as they were.

    Args:
        root: a folder in the layout of `write_works`, by any address that Spark reads.

    Raises:
        WorksError: a code that cannot name a folder; works were written for another version of the paper,
            which lacks some of its items.
        pyspark.errors.AnalysisException: there are no works.
    """
    own = session.newSession()
    own.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")  # «01» is a code
    of_paper = works_path(Path(), assessment, paper.code, "any").parent.parent
    frame = own.read.option("basePath", str(root)).option("mergeSchema", "true").parquet(f"{root}/{of_paper}")
    view = f"works_{uuid.uuid4().hex}"
    frame.createOrReplaceTempView(view)
    return chosen_columns(ibis.pyspark.connect(own).table(view), paper)
