from understudy.report.notes import notes
from understudy.report.scoreboard import scores_html

SCORES = {"generated": 5000, "feature_dim": 64, "fid_lenet": 2.0, "judge_accuracy": 0.99, "class_tv": 0.1}


def test_enough_items_and_a_sure_judge_need_no_note() -> None:
    assert notes(SCORES) == notes({"mse": 1.0}) == []
    assert notes({**SCORES, "generated": 640}) == []


def test_few_items_for_the_features_are_told() -> None:
    (note,) = notes({**SCORES, "generated": 639})
    assert "639 items are few for 64 features" in note
    assert note in scores_html({**SCORES, "generated": 639})


def test_classes_that_are_not_counted_are_told() -> None:
    unsure = {name: value for name, value in SCORES.items() if name != "class_tv"} | {"judge_accuracy": 0.52}
    (note,) = notes(unsure)
    assert "not counted" in note and "52" in note
