"""`understudy data`."""


def data() -> None:
    """List the data sets that have a name, and where each is found."""
    from understudy.data.sources import names

    known = names()
    width = max(len(item.name) for item in known)
    for item in known:
        print(f"{item.name:{width}}  {item.summary} [{item.where}]")
    print("\nOr a path: a folder of PNG or JPEG (labels from subfolders), IDX files, .npy, .npz, .txt.")
