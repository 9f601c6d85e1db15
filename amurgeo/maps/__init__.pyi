from .impact import access_map as access_map
from .impact import critical_map as critical_map
from .pages import page as page
