"""Settings of the site, which is self-contained: no web fonts, no external scripts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import generate  # noqa: E402
import measures  # noqa: E402

from amurgeo import __version__  # noqa: E402

project = "amurgeo"
author = "the amurgeo authors"
project_copyright = f"{author}; code MIT, typed facts CC BY 4.0, see Licences"
version = release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build", "_templates", "requirements.txt"]
templates_path = ["_templates"]
language = "en"

myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 3

# Names in single backticks become links where they are documented.
default_role = "py:obj"
napoleon_google_docstring = False
napoleon_use_ivar = True
# Types are in the signature.
napoleon_attr_annotations = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("npt.ArrayLike", "ArrayLike")}
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
add_module_names = False
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = f"amurgeo {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
_PLAIN = (
    '"Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", "Microsoft YaHei", "Noto Sans SC", sans-serif'
)
_TYPED = 'Consolas, "DejaVu Sans Mono", Menlo, "Liberation Mono", monospace'
_INK = {"font-stack": _PLAIN, "font-stack--monospace": _TYPED}
html_theme_options = {
    "light_css_variables": {**_INK, "color-brand-primary": "#1f4e79", "color-brand-content": "#1f5f99"},
    "dark_css_variables": {"color-brand-primary": "#8fbce6", "color-brand-content": "#8fbce6"},
}


def setup(app: Any) -> None:
    """Fill generated parts while pages are read, and draw the figures at the end."""
    app.connect("source-read", generate.fill)
    app.connect("build-finished", measures.draw)
