"""The parts that the data were split into are not alike, or not apart."""

from understudy.doctor.facts import Facts
from understudy.doctor.finding import Clear, Outcome, Remedy
from understudy.doctor.rule import Band, Example, Rule
from understudy.doctor.rules.loss_inputs import worst
from understudy.doctor.signals import Signals

SHARE, ITEMS = 0.01, 5
GRAVE = 0.05
REPEATS = 0.5
AREA, ERRORS = 0.6, 5


def shared_items(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where held-out items are in the training part, unless items repeat by their nature."""
    found = worst(signals, "overlap")
    items, repeated = signals.one("overlap_items", found.place).last, signals.one("repeated", found.place).last
    if found.last <= SHARE or items < ITEMS or repeated > REPEATS:
        return Clear()
    return rule.fire(
        f"{found.last:.1%} of the {found.place} items that were compared, {items:.0f}, are in the training part as "
        "well, to the bit",
        step=0,
        place=found.place,
        value=found.last,
        severity="error" if found.last > GRAVE else "warning",
    )


SHARED_ITEMS = Rule(
    id="shared-items",
    title="The same items are in training and in a held-out part",
    severity="error",
    cause="Items were there twice before the split, or the parts were drawn one by one; scores on them are of what was "
    "learnt by heart.",
    reference="Kaufman, Rosset and Perlich, 2012, Leakage in Data Mining, ACM TKDD 6(4), section 3; Barz and Denzler, "
    "2020, Do We Train on Test Data?, arXiv:1902.00423.",
    healthy=Band("overlap", high=SHARE, measured="0 to 0.0001 on our data sets"),
    remedies=(
        Remedy(
            "Leave items that are there twice out, then split",
            expects="no item is in two parts",
            code="x = torch.unique(x, dim=0)  # before the split",
        ),
    ),
    examine=shared_items,
    sick=Example(
        Signals.of({"overlap @ test": [0.2], "overlap_items @ test": [72], "repeated @ test": [0.02]}, first=0)
    ),
    well=Example(Signals.of({"overlap @ test": [0.0], "overlap_items @ test": [0], "repeated @ test": [0.0]}, first=0)),
    needs=("overlap",),
)


def biased_split(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where a classifier tells the parts apart, by far more than chance."""
    found = worst(signals, "split_difference")
    error = signals.one("split_difference_error", found.place).last
    if found.last <= max(AREA, 0.5 + ERRORS * error):
        return Clear()
    return rule.fire(
        f"a linear classifier tells {found.place} items from training items with an area under its curve of "
        f"{found.last:.2f}, on items that it has not seen; of parts that are alike it is 0.5, give or take {error:.2f}",
        step=0,
        place=found.place,
        value=found.last,
    )


BIASED_SPLIT = Rule(
    id="biased-split",
    title="Training and held-out items are not alike",
    severity="warning",
    cause="The data were sorted, by class, time or source, and split without being shuffled; what is learnt on one "
    "part is judged on another kind of items.",
    reference="Lopez-Paz and Oquab, 2017, Revisiting Classifier Two-Sample Tests, arXiv:1610.06545, section 3.",
    healthy=Band(
        "split_difference",
        high=AREA,
        measured="0.44 to 0.56 on our data sets; 0.61 by chance where 140 items are held out",
    ),
    remedies=(
        Remedy(
            "Shuffle before the split", expects="0.5", code="order = torch.randperm(len(x)); x, y = x[order], y[order]"
        ),
        Remedy("If it is meant, such as a later year, leave it: the score is of that", expects="nothing"),
    ),
    examine=biased_split,
    sick=Example(Signals.of({"split_difference @ test": [0.83], "split_difference_error @ test": [0.02]}, first=0)),
    well=Example(Signals.of({"split_difference @ test": [0.51], "split_difference_error @ test": [0.02]}, first=0)),
    needs=("split_difference",),
    hides=(
        "shuffled-labels",
        "overfitting",
    ),
)


def missing_class(rule: Rule, signals: Signals, facts: Facts) -> Outcome:
    """Fires where held-out items have classes that no training item has."""
    found = worst(signals, "missing_classes")
    if found.last == 0:
        return Clear()
    return rule.fire(
        f"{found.last:.0f} classes of {found.place} items have no training item",
        step=0,
        place=found.place,
        value=found.last,
    )


MISSING_CLASS = Rule(
    id="missing-class",
    title="A class is not in the training part",
    severity="warning",
    cause="The data were sorted by class and split without being shuffled, or a class has very few items.",
    reference="Kohavi, 1995, A Study of Cross-Validation and Bootstrap, IJCAI, section 2 (stratification).",
    healthy=Band("missing_classes", high=0.0, measured="exact: counted"),
    remedies=(
        Remedy(
            "Split class by class",
            expects="every class is in every part",
            code="train_test_split(x, y, stratify=y)  # of scikit-learn",
        ),
    ),
    examine=missing_class,
    sick=Example(Signals.of({"missing_classes @ test": [2]}, first=0)),
    well=Example(Signals.of({"missing_classes @ test": [0]}, first=0)),
    needs=("missing_classes",),
    hides=("biased-split", "shuffled-labels", "overfitting"),
)
