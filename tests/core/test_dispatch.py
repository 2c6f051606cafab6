"""The table of routes, asked by method and path."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from crm_api.core.dispatch import Table


def read() -> None: ...


def change() -> None: ...


def make_table() -> Table:
    router = APIRouter()
    router.add_api_route("/v1/agencies/{agency_id}", read, methods=["GET"])
    router.add_api_route("/v1/agencies/{agency_id}", change, methods=["PATCH"])
    router.add_api_route("/v1/agencies/tree", read, methods=["GET"])
    return Table(route for route in router.routes if isinstance(route, APIRoute))


def test_a_written_out_path_goes_before_a_parameter() -> None:
    found = make_table().find("GET", "/v1/agencies/tree")
    assert found is not None
    assert found[1] == {}


def test_a_written_out_path_is_never_taken_for_an_id() -> None:
    table = make_table()
    assert table.find("PATCH", "/v1/agencies/tree") is None
    assert table.methods("/v1/agencies/tree") == {"GET"}


def test_an_address_takes_the_methods_of_all_its_routes() -> None:
    table = make_table()
    assert table.find("PATCH", "/v1/agencies/7") is not None
    assert table.methods("/v1/agencies/7") == {"GET", "PATCH"}
    assert table.methods("/v1/nothing") == set()
