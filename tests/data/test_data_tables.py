"""Tables are told apart by their first rows."""

from pathlib import Path

import pytest

from understudy.data.sources import load
from understudy.errors import DataError

MONTHS = "\n".join(f"{1960 + month // 12}-{month % 12 + 1:02},{month % 12}" for month in range(120))
KINDS = {
    "series": "Month,Milk\n" + MONTHS,
    "pairs": "\n".join(f"number {number},{number}" if number % 2 else f"{number},is even" for number in range(40)),
    "labelled text": "label,text\n" + "\n".join(f"{'ab'[n % 2]},one {n % 7} two" for n in range(40)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_table_is_what_its_first_rows_are(tmp_path: Path, kind: str, suffix: str) -> None:
    path = tmp_path / f"table{suffix}"
    path.write_text(KINDS[kind].replace(",", "\t") if suffix == ".tsv" else KINDS[kind])
    assert load(path).spec.kind == kind


def test_a_gap_in_a_series_is_named_as_a_series_gap(tmp_path: Path) -> None:
    path = tmp_path / "milk.csv"
    path.write_text(KINDS["series"].replace("1960-03,2", "1960-03,"))
    with pytest.raises(DataError, match="value is missing"):
        load(path)


def test_what_is_no_table_that_is_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "three.csv"
    path.write_text("red,green,blue\nx,y,z\n")
    with pytest.raises(DataError, match=r"begins with red, green, blue; accepted: columns called text and label"):
        load(path)
