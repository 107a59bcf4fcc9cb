"""How do people see and steer the station? Requests, forms, pages; no SQL, no samples."""

from web.app import create_app

__all__ = ["create_app"]
