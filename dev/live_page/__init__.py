"""The desk's live page: what the home and the gateway do, in a browser, without Home Assistant.

page_data.py     what the page shows, as one JSON document
page_server.py   an HTTP server for this machine's browsers only
page.html, page.css, page.js   the page; it asks for the document every second
"""
