"""Look over everything that `balena push` makes a gateway of, for bin/check.

run.py has the list of checks and runs them. A check is one small file with one function:
it takes the root of the tree and yields a line for each fault - which file, what was found,
what was expected. It changes nothing and knows nothing of the other checks.
tree.py, compose.py and dockerfile.py read what several checks look at.
"""
