import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from understudy.data import mnist
from understudy.data.download import fetch
from understudy.data.sources import load, names
from understudy.errors import DataError


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An HTTP server on this machine, and the folder that it serves."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, directory=str(folder), **kwargs)

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", folder
        server.shutdown()
        thread.join()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def test_a_file_arrives_whole(tmp_path: Path, site: tuple[str, Path]) -> None:
    content = bytes(range(256)) * 9000
    (site[1] / "f.gz").write_bytes(content)
    target = fetch("f.gz", [site[0]], md5(content), tmp_path / "new" / "cache")
    assert target.read_bytes() == content
    assert [path.name for path in target.parent.iterdir()] == ["f.gz"]


def test_the_next_mirror_is_tried(tmp_path: Path, site: tuple[str, Path]) -> None:
    (site[1] / "f").write_bytes(b"good")
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "f").write_bytes(b"evil")
    mirrors = [f"{site[0]}missing/", f"{(tmp_path / 'wrong').as_uri()}/", site[0]]
    assert fetch("f", mirrors, md5(b"good"), tmp_path / "cache").read_bytes() == b"good"


def test_a_wrong_checksum_leaves_nothing_and_an_old_file_alone(tmp_path: Path, site: tuple[str, Path]) -> None:
    (site[1] / "f").write_bytes(b"evil")
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "f").write_bytes(b"old")
    with pytest.raises(DataError, match=rf"checksum is {md5(b'evil')} and should be {md5(b'good')}"):
        fetch("f", [site[0]], md5(b"good"), cache)
    assert [(path.name, path.read_bytes()) for path in cache.iterdir()] == [("f", b"old")]


def test_an_interrupted_download_leaves_nothing(
    tmp_path: Path, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (site[1] / "f").write_bytes(b"good")

    def interrupt(url: str, file: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("understudy.data.download._copy", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch("f", [site[0]], md5(b"good"), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def published(monkeypatch: pytest.MonkeyPatch, mirror: str, folder: Path | None) -> None:
    sums = tuple(md5((folder / f"{name}.gz").read_bytes()) if folder else "0" for name in mnist.FOUR)
    it = mnist.Published("kmnist", "", (mirror,), sums, tuple("abcdefghij"))
    monkeypatch.setitem(mnist.PUBLISHED, "kmnist", it)


def test_a_known_set_is_downloaded_once(
    site: tuple[str, Path], four_files: Callable[..., Path], own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(monkeypatch, site[0], four_files(site[1]))
    assert where("kmnist") == "will be downloaded"
    data = load("kmnist")
    assert (data.name, data.spec.classes[0]) == ("kmnist", "a")
    assert where("kmnist") == str(own_places / "understudy" / "kmnist")
    for path in site[1].iterdir():
        path.unlink()
    assert load("kmnist").fingerprint == data.fingerprint


def where(name: str) -> str:
    return next(it.where for it in names() if it.name == name)


def test_offline_says_where_to_put_the_files(monkeypatch: pytest.MonkeyPatch, own_places: Path) -> None:
    published(monkeypatch, "http://127.0.0.1:9/", None)
    with pytest.raises(DataError) as caught:
        load("kmnist")
    message = str(caught.value)
    assert "cannot download kmnist" in message
    assert "refused" in message
    assert f"'$UNDERSTUDY_DATA/kmnist' or '{own_places / 'understudy' / 'kmnist'}'" in message
    assert all(f"{name}.gz" in message for name in mnist.FOUR)
    assert "\n" not in message


def test_a_cache_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="cannot download mnist"):
        load("mnist")


def test_the_given_folder_wins_over_the_cache(
    four_files: Callable[..., Path], own_places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    four_files(own_places / "understudy" / "mnist")
    assert where("mnist") == str(own_places / "understudy" / "mnist")
    four_files(tmp_path / "mnist", packed=False)
    monkeypatch.setenv("UNDERSTUDY_DATA", str(tmp_path))
    assert where("mnist") == str(tmp_path / "mnist")
    assert load("mnist").spec.classes == tuple("0123456789")
