"""A file that comes in is kept up to a limit, and not a byte further."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from ratings.importing.lists.files import MOST_UPLOADED


class BoundedUpload(FileUploadHandler):
    """Before the handlers that keep: what is too large is read past, the rest of the form is read."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.is_too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > MOST_UPLOADED:
            self.is_too_large = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one keep it."""


def bound(request: HttpRequest) -> None:
    """Call it before anything reads the form."""
    request.upload_handlers.insert(0, BoundedUpload(request))


def was_too_large(request: HttpRequest) -> bool:
    first = request.upload_handlers[0]
    return isinstance(first, BoundedUpload) and first.is_too_large
