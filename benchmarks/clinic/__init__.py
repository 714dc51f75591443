"""The clinic: planted faults and healthy runs, and what the doctor says of each.

    python -m benchmarks.clinic calibrate --instances 2 --controls 1 --healthy 100

from the root of the checkout trains them one after another in one process, and writes a line of JSON for each to
`clinic/calibrate.jsonl`; interrupted, it goes on where it was.

In code: `faults.TABLE` has the faults by name. Of one whose case is a `House` the run files are
`fault.case.recipe(fault.draw("calibrate", 0), sick=True)` and `sick=False`, its healthy control of the same seed; each
is a `Recipe` that `us.train(recipe.network, recipe.data, seed=recipe.seed, settings=recipe.settings)` takes.
`fault.curable` says that the whole mistake is in the run file or can be undone by one of its options; a mistake that is
none is done by `case.plant` to the session, and `case.run(draw, sick)` does both and returns the verdict and the score.
"""
