from typing import Annotated, Literal

from pydantic import Field

from crm_api.kit.listing import Bin
from crm_api.kit.schemas import Input
from crm_api.kit.searching import Search, SearchFilter, SortKey

Format = Literal["csv", "xlsx", "jsonl"]
FieldName = Annotated[
    str, Field(max_length=80, pattern=r"^(custom\.)?[a-z][a-z0-9_]*$", examples=["full_name"])
]
Reason = Annotated[str, Field(min_length=3, max_length=200, examples=["Contrôle de l'ANPDP, dossier 41/26"])]


class ExportRequest(Input):
    """What to export, and how."""

    format: Format = "csv"
    """CSV for French spreadsheets, XLSX, or JSON lines (each as the API shows the row)."""
    filter: SearchFilter = Field(default=SearchFilter())
    """Which rows: the conditions that the list's own search takes."""
    sort: list[SortKey] = Field(default=[], max_length=1, examples=[["-created_at"]])
    """One sort key of the list, `-` for descending; the list's own default when empty."""
    deleted: Bin = "without"
    """Rows in the bin: left out, mixed in, or alone."""
    fields: list[FieldName] = Field(default=[], max_length=120, examples=[["number", "full_name"]])
    """Columns, in this order, `custom.<key>` included; all plain ones when empty."""
    sealed: bool = False
    """Also a column `sealed` with the official and financial data (class P3) in clear: needs pii:export, a
    reason, and a proof of identity in the last five minutes."""
    reason: Reason | None = None
    """Why class P3 data is needed; kept in the audit log."""

    def search(self) -> Search:
        """The same rows as a search."""
        return Search(filter=self.filter, sort=self.sort, deleted=self.deleted)
