from understudy.report.plots import plot_html


def test_words_are_marked_by_side_and_strength_and_escaped() -> None:
    words = [["<b>", 2.0], ["plain", 0.01], ["not", -1.0]]
    text, width = plot_html("words", {"title": "t", "words": words}, "t")
    assert width > 0
    assert '<span class="for" style="--share:1.00" title="+2.00">&lt;b&gt;</span>' in text
    assert "<span>plain</span>" in text
    assert '<span class="against" style="--share:0.50" title="-1.00">not</span>' in text


def test_a_text_that_nothing_moved_is_shown_unmarked() -> None:
    text, _ = plot_html("words", {"words": [["a", 0.0], ["b", 0.0]]}, "t")
    assert "--share" not in text
    assert "No words" in plot_html("words", {"words": []}, "t")[0]
