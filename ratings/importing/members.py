"""The members of a published set: its numbers on one side, our keys on the other."""

import numpy as np
from django.contrib.auth.hashers import make_password

from ratings.importing.entries import Numbers
from ratings.models import User


class Members:
    """Everybody of one origin; `keys_of` adds those who are new, without a name and without a password."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        known = User.objects.filter(origin=origin, external_id__isnull=False)
        self._keys = dict(known.values_list("external_id", "pk").iterator(chunk_size=10_000))

    def keys_of(
        self, numbers: Numbers
    ) -> tuple[Numbers, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
        """The key of each row's member, and whether that member was added just now."""
        distinct, places = np.unique(numbers, return_inverse=True)
        new = [number for number in distinct.tolist() if number not in self._keys]
        self._add(new)
        keys = np.fromiter(map(self._keys.__getitem__, distinct.tolist()), np.int64)
        added = np.isin(distinct, np.array(new, np.int64))
        return keys[places], added[places]

    def _add(self, numbers: list[int]) -> None:
        added = User.objects.bulk_create(
            [
                User(
                    username=f"{self.origin}-{number}",
                    origin=self.origin,
                    external_id=number,
                    password=make_password(None),
                    is_public=True,
                    list_version=1,
                )
                for number in numbers
            ],
            batch_size=2000,
        )
        self._keys.update((user.external_id, user.pk) for user in added)
