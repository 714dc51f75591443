from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from understudy.data.paths import Paths

names = st.text(st.characters(exclude_characters="\0/", codec="utf-8"), min_size=1)


@given(st.lists(names))
def test_paths_come_back_as_they_went_in(found: list[str]) -> None:
    paths = Paths(Path("/data"), found)
    assert [paths[position] for position in range(len(paths))] == [f"/data/{name}" for name in found]
    assert [paths.relative(position).decode() for position in range(len(paths))] == found
