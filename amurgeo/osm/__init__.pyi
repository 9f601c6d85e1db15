from .areas import fetch as fetch
from .areas import read as read
from .fetching import FetchError as FetchError
from .folder import BuiltArea as BuiltArea
from .tags import NODE_TAGS as NODE_TAGS
from .tags import WAY_TAGS as WAY_TAGS
