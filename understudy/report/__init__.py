"""How people see a run: a page of its own, a page that compares several, a card for notebooks.

Reads run directories as plain files; nothing here loads a network.
"""
