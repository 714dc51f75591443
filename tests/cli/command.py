"""The command line, as tests call it."""

import pytest

from understudy.cli import main


def understudy(*words: object) -> int:
    """The exit code of `understudy WORDS`."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert isinstance(ended.value.code, int)
    return ended.value.code
