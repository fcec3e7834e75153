"""The pictures of docs/pictures: python -m dev.pictures makes them all, in about five minutes.

picture_list.py    which pictures there are
desk_with_past.py  a desk with the real Home Assistant, a month old
photographer.py    a headless Chromium that takes them
"""
