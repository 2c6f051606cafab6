"""The network, by the machinery that agencies have had from the first day (`agencies.importing`)."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.agencies.importing import AgencyTable
from crm_api.core.context import Context
from crm_api.imports.columns import Column, Columns
from crm_api.imports.rows import Made, Options, Row, Verdict
from crm_api.imports.setwise import Prepared

C = Column
AGENCY_COLUMNS = Columns(
    (
        C("code", "Numéro d'agence", ("code",), also=("code agence", "numéro", "n° agence")),
        C("name", "Nom", ("name",), also=("agence", "dénomination", "libellé")),
        C("type", "Type", ("type",), "choice", ("type d'agence",), enum="agency.type"),
        C("region_code", "Région", ("region_code",), also=("code région", "direction régionale", "dr")),
        C("wilaya_code", "Wilaya", ("wilaya_code",), "code", ("code wilaya",), digits=2),
        C("commune_code", "Code commune", ("commune_code",), "code"),
        C("parent_code", "Agence mère", ("parent_code",), also=("rattachement", "agence de rattachement")),
        C("address", "Adresse", ("address",)),
        C("phone", "Téléphone", ("phone",), "phone", ("tel",)),
        C("email", "E-mail", ("email",), "email", ("courriel", "mail")),
        C("intermediary_license_number", "Agrément", ("intermediary_license_number",), also=("n° agrément",)),
        C("mandate_start", "Début du mandat", ("mandate_start",), "date"),
        C("mandate_end", "Fin du mandat", ("mandate_end",), "date"),
        C("opened_on", "Date d'ouverture", ("opened_on",), "date", ("ouverture",)),
    ),
    required=tuple(frozenset({name}) for name in ("code", "name", "type", "region_code", "wilaya_code")),
)


class AgencyTaker:
    """Opened or changed by their numbers; a parent stands in the same thousand rows, or on record."""

    def __init__(self, ctx: Context, options: Options) -> None:
        self.ctx, self.options = ctx, options

    async def prepare(self, rows: Sequence[Row]) -> Prepared:
        return Prepared([*rows], [], {})

    async def take(self, prepared: Prepared) -> tuple[list[Verdict], Made]:
        sound = [row for row in prepared.rows if not row.faults]
        told = await AgencyTable(self.ctx).take_in([{**row.values} for row in sound])
        verdicts = {row.number: row.refused() for row in prepared.rows if row.faults}
        for line in told:
            number = sound[line.number - 1].number
            faults = [dict(fault) for fault in line.faults]
            verdicts[number] = Verdict(number, line.outcome, line.key, line.object_id, faults)
        return [verdicts[row.number] for row in prepared.rows], Made()

    async def take_back(self, made: Made) -> list[UUID]:
        """An agency is never deleted, so nothing is."""
        return [*made.created]
