"""Fictitious people, made from frequent Algerian names with a fixed seed: always the same ones."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from crm_api.kit.clock import today
from crm_api.kit.text import fold

MEN = (
    *(
        "Mohamed محمد",
        "Ahmed أحمد",
        "Yacine ياسين",
        "Karim كريم",
        "Sofiane سفيان",
        "Amine أمين",
        "Bilal بلال",
    ),
    *("Walid وليد", "Nabil نبيل", "Rachid رشيد", "Mourad مراد", "Samir سمير", "Hamza حمزة", "Ilyès إلياس"),
    *("Lotfi لطفي", "Farid فريد", "Massinissa ماسينيسا", "Redouane رضوان", "Djamel جمال"),
)
WOMEN = (
    *("Amina أمينة", "Fatima فاطمة", "Khadidja خديجة", "Meriem مريم", "Sarah سارة", "Nawel نوال"),
    *("Yasmine ياسمين", "Imane إيمان", "Asma أسماء", "Lynda ليندة", "Kahina كاهنة", "Nassima نسيمة"),
    *("Hanane حنان", "Rania رانيا", "Zohra زهرة", "Souad سعاد", "Ferial فريال", "Lila ليلى", "Wafa وفاء"),
)
FAMILIES = (
    *("BENALI بن علي", "AISSANI عيساني", "BOUDIAF بوضياف", "HADDAD حداد", "MANSOURI منصوري", "ZEROUAL زروال"),
    *("KACI قاسي", "MEZIANE مزيان", "BELKACEM بلقاسم", "CHERIF شريف", "SAADI سعدي", "BRAHIMI براهيمي"),
    *("TOUMI تومي", "BENSALEM بن سالم", "HAMIDI حميدي", "AMROUCHE عمروش", "SLIMANI سليماني", "LOUNES لونيس"),
    *("BOUZID بوزيد", "GUERFI قرفي", "FERHAT فرحات", "RAHMANI رحماني", "DJEBBAR جبار", "KHELIFI خليفي"),
    *("NOUAR نوار", "YAHIAOUI يحياوي", "MEDJAHED مجاهد"),
)
STREETS = (
    "Cité 5 Juillet, Bt 12",
    "Rue Didouche Mourad, 24",
    "Boulevard de l'ALN, 7",
    "Hai El Badr, villa 31",
)
SOURCES = ("comparator", "web_form", "phone", "walk_in", "referral", "social", "agency")
WEIGHTS = (35, 20, 15, 12, 8, 6, 4)
PRODUCTS = ("AUTO_RC", "AUTO_P", "MRH", "CATNAT", "VOYAGE")


class Name(NamedTuple):
    first: str
    first_ar: str
    last: str
    last_ar: str
    is_woman: bool


class People:
    """Draws people one after the other; `wilayas` weigh where they live."""

    def __init__(self, seed: int, wilayas: list[str], *, first: int = 0) -> None:
        """`first`: where the numbering begins, so that people of two draws share no telephone."""
        self._random = Random(seed)  # noqa: S311 - repeatable, not secret
        self._wilayas = wilayas
        self._drawn = first

    def _name(self) -> Name:
        is_woman = self._random.random() < 0.5
        first = self._random.choice(WOMEN if is_woman else MEN).partition(" ")
        last = self._random.choice(FAMILIES).partition(" ")
        return Name(first[0], first[2], last[0], last[2], is_woman)

    def _reach(self, name: Name) -> tuple[str, str]:
        """A mobile and an e-mail address that nobody has."""
        self._drawn += 1
        mobile = f"+213{self._random.choice('567')}{99_000_000 - self._drawn * 131 % 98_000_000:08d}"
        return mobile, f"{fold(name.first)}.{fold(name.last)}.{self._drawn}@exemple.dz"

    def lead(self) -> dict[str, Any]:
        """What a form would send."""
        name = self._name()
        mobile, email = self._reach(name)
        expiry = today() + timedelta(days=self._random.randrange(5, 300))
        drawn = self._random.random()
        return {
            "first_name": name.first,
            "last_name": name.last,
            "phone": mobile,
            "email": email if drawn < 0.7 else None,
            "source": self._random.choices(SOURCES, WEIGHTS)[0],
            "wilaya_code": self._random.choice(self._wilayas),
            "product_interest": [self._random.choice(PRODUCTS)],
            "current_expiry_date": expiry if drawn < 0.5 else None,
            "quote_completed": drawn < 0.2,
            "preferred_language": "ar" if drawn > 0.7 else "fr",
        }

    def contact(self) -> dict[str, Any]:
        """A person with a household of their own."""
        name = self._name()
        mobile, email = self._reach(name)
        wilaya = self._random.choice(self._wilayas)
        return {
            "civility": "mme" if name.is_woman else "m",
            "first_name": name.first,
            "last_name": name.last,
            "first_name_ar": name.first_ar,
            "last_name_ar": name.last_ar,
            "birth_date": date(1950, 1, 1) + timedelta(days=self._random.randrange(20_000)),
            "phones": [{"kind": "mobile", "value": mobile}],
            "emails": [{"kind": "personal", "value": email}],
            "addresses": [
                {
                    "kind": "home",
                    "lines": [self._random.choice(STREETS)],
                    "wilaya_code": wilaya,
                    "postal_code": f"{wilaya}000",
                }
            ],
            "preferred_language": self._random.choice(("fr", "fr", "ar")),
        }

    def choice(self, options: Sequence[Any]) -> Any:
        return self._random.choice(options)
