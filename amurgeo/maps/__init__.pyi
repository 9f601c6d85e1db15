from .pages import page as page
