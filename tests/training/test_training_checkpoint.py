import json
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made import POINTS, Toy
from torch import Tensor, nn

from understudy import models
from understudy.errors import RunError
from understudy.training import checkpoint
from understudy.training.checkpoint import load_tree, load_weights, save_tree, save_weights

DTYPES = (
    torch.float32,
    torch.float64,
    torch.bfloat16,
    torch.float16,
    torch.uint8,
    torch.int64,
    torch.int32,
    torch.bool,
)


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    shape = draw(st.lists(st.integers(0, 3), max_size=3))
    values = torch.randn(shape, generator=torch.Generator().manual_seed(draw(st.integers(0, 99)))) * 9
    values = values.abs() if draw(st.booleans()) else values.transpose(0, -1) if shape else values
    dtype = draw(st.sampled_from(DTYPES))
    return (values.abs() if dtype == torch.uint8 else values).to(dtype)


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), tensors()
)  # floats with infinities, NaN and -0.0
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.integers(), st.text(max_size=5)), inner, max_size=3)
    ),
    max_leaves=12,
)


def same(left: Any, right: Any) -> bool:
    """Equal in type and to the last bit."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Tensor):
        return left.dtype == right.dtype and left.shape == right.shape and torch.equal(left, right)
    if isinstance(left, dict):
        keys = [(type(key), key) for key in left] == [(type(key), key) for key in right]
        return keys and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return repr(left) == repr(right)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trees") / "tree.safetensors"


@given(tree=TREES)
@settings(max_examples=150)
def test_what_is_saved_is_what_is_loaded(place: Path, tree: Any) -> None:
    save_tree(place, tree)
    assert same(load_tree(place), tree)


def test_tensors_that_share_memory_come_back_equal_and_apart(tmp_path: Path) -> None:
    whole = torch.arange(12.0)
    tied = {"a": whole, "b": whole, "head": whole[:3], "tail": whole[6:], "grid": whole.view(3, 4).T}
    save_tree(tmp_path / "tree", tied)
    back = load_tree(tmp_path / "tree")
    assert all(torch.equal(back[name], tied[name]) for name in tied)
    back["a"].zero_()
    assert torch.equal(back["b"], whole)


def test_nothing_that_needs_running_can_be_saved(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        save_tree(tmp_path / "tree", {"code": print})
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_tree(tmp_path / "tree", {"step": 7, "list": [1.5, None], "weights": {0: torch.ones(5)}})
    return tmp_path / "tree"


def test_a_truncated_file_is_one_clear_error(saved: Path) -> None:
    content = saved.read_bytes()
    for length in range(len(content)):
        saved.write_bytes(content[:length])
        with pytest.raises(RunError, match="cannot read checkpoint"):
            load_tree(saved)


@settings(max_examples=150)
@given(data=st.data())
def test_a_damaged_header_is_read_or_refused_never_another_error(place: Path, data: st.DataObject) -> None:
    save_tree(place, {"step": 7, "list": [1.5, None], "weights": {0: torch.ones(5)}})
    content = bytearray(place.read_bytes())
    header = 8 + struct.unpack("<Q", content[:8])[0]
    content[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    place.write_bytes(content)
    try:
        load_tree(place)
    except RunError as error:
        assert str(place) in str(error)


@pytest.mark.parametrize("tree", ["{", "{}", '{"$tensor": "9"}', '{"$items": [[[], 1]]}', '{"$items": [1]}'])
def test_a_tree_that_makes_no_sense_is_refused(tree: str, tmp_path: Path) -> None:
    path = tmp_path / "tree"
    checkpoint.save_file({}, path, metadata={"format": checkpoint.FORMAT, "tree": tree})
    with pytest.raises(RunError, match="cannot read checkpoint"):
        load_tree(path)


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot read checkpoint"):
        load_tree(tmp_path / "missing")
    save_weights(tmp_path / "weights", Toy().state_dict())
    with pytest.raises(RunError, match="not a checkpoint of this version"):
        load_tree(tmp_path / "weights")


def test_an_error_while_writing_leaves_the_old_file_whole(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(tensors: Any, path: Path, metadata: Any) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(checkpoint, "save_file", breaks)
    with pytest.raises(OSError, match="disk full"):
        save_tree(saved, {"step": 8})
    assert load_tree(saved)["step"] == 7
    assert [path.name for path in saved.parent.iterdir()] == ["tree"]


def test_tied_weights_are_saved_by_both_names(tmp_path: Path) -> None:
    tied = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    save_weights(tmp_path / "weights", tied.state_dict())
    other = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    load_weights(tmp_path / "weights", other)
    assert all(torch.equal(other.state_dict()[name], value) for name, value in tied.state_dict().items())


def test_weights_of_another_network_or_none_are_refused_in_one_line(tmp_path: Path) -> None:
    network = models.build("vae", {"hidden": 4}, POINTS)
    path = tmp_path / "weights"
    save_weights(path, Toy().state_dict())
    another = "they are of another network, or of another version's; train it anew. Missing key"
    whole = path.read_bytes()
    for content, reason in ((whole, another), (whole[:-2], ""), (b"", "")):
        path.write_bytes(content)
        with pytest.raises(RunError, match=f"cannot load weights .*: {reason}") as caught:
            load_weights(path, network)
        assert "\n" not in str(caught.value)


def test_the_skeleton_is_json_in_the_files_own_header(saved: Path) -> None:
    content = saved.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    assert json.loads(metadata["tree"])["$items"][0] == ["step", 7]
