"""The site's pages: what was asked for → read from the archive → arranged as plain values → shown as HTML or JSON.

One module a page. Its function takes the archive and what was asked for, and gives the template and the values; it does
not know whether a browser, a program or a folder of files gets them. Imports the archive and no other room.
"""
