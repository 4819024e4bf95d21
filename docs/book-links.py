"""A preprocessor of mdBook: links to files outside of docs/ become links to the repository, and `<!-- include PATH -->` becomes that page.

The same links work in a checkout and on GitHub as they are written.
"""
import json
import os
import re
import sys

REPOSITORY = "https://github.com/modeldex/modeldex/blob/main/"
LINK = re.compile(r"(\]\()([^)#\s:]+)(#[^)\s]*)?(\))")
INCLUDE = re.compile(r"^<!-- include (\S+) -->$", re.MULTILINE)


def rewrite(text, page, at):
    """`text` is written for the file `page` and shown on the page `at`; both are paths from docs/."""

    def link(match):
        target = os.path.normpath(os.path.join(os.path.dirname(page), match[2]))
        if target.startswith(".."):
            target = REPOSITORY + os.path.relpath(target, "..")
        else:
            target = os.path.relpath(target, os.path.dirname(at) or ".")
        return match[1] + target + (match[3] or "") + match[4]

    def include(match):
        other = os.path.normpath(os.path.join(os.path.dirname(page), match[1]))
        with open(other, encoding="utf-8") as file:
            body = file.read().split("\n", 1)[1]
        return rewrite(body, other, at)

    return INCLUDE.sub(include, LINK.sub(link, text))


def walk(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            if chapter["path"]:
                chapter["content"] = rewrite(chapter["content"], chapter["source_path"], chapter["path"])
            walk(chapter["sub_items"])


if len(sys.argv) > 1 and sys.argv[1] == "supports":
    sys.exit(0)
context, book = json.load(sys.stdin)
os.chdir(os.path.join(context["root"], context["config"]["book"]["src"]))
walk(book.get("sections") or book.get("items") or [])
json.dump(book, sys.stdout)
