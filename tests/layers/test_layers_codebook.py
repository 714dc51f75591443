import pytest
import torch

from understudy.layers.codebook import Codebook


def codebook(size: int = 5, dim: int = 3, decay: float = 0.9, restart_below: float = 0.0) -> Codebook:
    torch.manual_seed(0)
    return Codebook(size, dim, decay, restart_below)


def test_each_vector_gets_its_nearest_code() -> None:
    book, vectors = codebook(40, 6).eval(), torch.randn(200, 6)
    chosen, numbers = book(vectors)
    assert torch.equal(numbers, torch.cdist(vectors, book.codes).argmin(1))
    assert torch.equal(chosen, book.codes[numbers])


def test_codes_follow_their_members_by_the_papers_averages() -> None:
    """N <- d N + (1 - d) n; m <- d m + (1 - d) sum z; e = m / N."""
    book = codebook()
    book(torch.randn(30, 3))  # places the codes
    uses, sums, codes = (value.clone() for value in (book.uses, book.sums, book.codes))
    for _ in range(6):
        vectors = torch.randn(30, 3)
        numbers = torch.cdist(vectors, codes).argmin(1)
        for code in range(5):
            members = vectors[numbers == code]
            uses[code] = 0.9 * uses[code] + 0.1 * len(members)
            sums[code] = 0.9 * sums[code] + 0.1 * members.sum(0)
            if uses[code] > 0:
                codes[code] = sums[code] / uses[code]
        book(vectors)
        torch.testing.assert_close(book.codes, codes, rtol=1e-4, atol=1e-5)


def test_in_evaluation_nothing_moves_and_nothing_ever_has_a_gradient() -> None:
    book = codebook().eval()
    before = {name: value.clone() for name, value in book.state_dict().items()}
    book(torch.randn(10, 3))
    assert all(torch.equal(before[name], value) for name, value in book.state_dict().items())
    assert not list(book.parameters())
    assert set(before) == {"codes", "uses", "sums"}, "all that it is is saved"


def test_codes_far_from_every_vector_are_put_where_vectors_are() -> None:
    before, after = torch.randn(400, 3), torch.randn(400, 3) + 100
    used = {}
    for restart_below in (0.0, 0.1):
        book = codebook(20, restart_below=restart_below)
        book(before)
        for _ in range(60):
            _, numbers = book(after)
        used[restart_below] = len(numbers.unique())
    assert used[0.1] == 20
    assert used[0.0] < 5, "without restarts most codes stay where nothing is any more"


@pytest.mark.parametrize("restart_below", [0.0, 0.1])
def test_the_first_batch_places_every_code_on_one_of_its_vectors(restart_below: float) -> None:
    book, vectors = codebook(4, restart_below=restart_below), torch.randn(50, 3)
    book.restart(vectors)
    assert torch.cdist(book.codes, vectors).amin(1).max() < 1e-6
    torch.testing.assert_close(book.sums / book.uses[:, None], book.codes)
