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


def test_of_a_long_stretch_that_did_little_the_middle_is_counted() -> None:
    words = [["loud", 1.0], *([f"w{number}", 0.0] for number in range(200)), ["loud", -1.0]]
    text, _ = plot_html("words", {"words": words}, "t")
    assert "… 140 words …" in text
    assert all(f"<span>w{number}</span>" in text for number in (0, 29, 170, 199))
    assert "<span>w30</span>" not in text and "<span>w169</span>" not in text
    assert "words …" not in plot_html("words", {"words": words[:80]}, "t")[0]


def test_an_unknown_word_is_a_box() -> None:
    text, _ = plot_html("words", {"words": [["\ufffd", 1.0], ["\ufffd", 0.0]]}, "t")
    assert text.count("\u25af") == 2 and "\ufffd" not in text
