"""Queries whose SQL is put together once."""

import pytest
from django.db import connection

from catalog.models import CatalogueVersion
from catalog.prepared import Prepared

pytestmark = pytest.mark.django_db

NUMBERS = Prepared(
    lambda pk: CatalogueVersion.objects.filter(pk=pk).order_by().values_list("number", "pk"), -1
)


def test_each_value_gets_its_own_rows() -> None:
    CatalogueVersion.advance()
    version = CatalogueVersion.objects.get()
    assert NUMBERS.row(version.pk) == (version.number, version.pk)
    assert NUMBERS.row(version.pk + 2**40) is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL alone keeps plans")
@pytest.mark.parametrize(("threshold", "plans"), [(1, 1), (None, 0)])
def test_the_server_keeps_the_plan_unless_told_not_to(threshold: int | None, plans: int) -> None:
    connection.ensure_connection()
    before, connection.connection.prepare_threshold = (
        connection.connection.prepare_threshold,
        threshold,
    )
    try:
        for _ in range(3):
            NUMBERS.row(7)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s",
                ['%"catalog_catalogueversion"."id" = $1%'],
            )
            assert cursor.fetchone() == (plans,)
    finally:
        connection.connection.execute("DEALLOCATE ALL")
        connection.connection.prepare_threshold = before
