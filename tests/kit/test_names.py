from importlib.resources import files
from itertools import combinations

import pytest

from crm_api.kit.names import full_name_keys, name_key, same_full_name, same_name, skeleton
from crm_api.kit.text import fold

BOTH_SCRIPTS = """
Mohamed محمد, Ahmed أحمد, Yacine ياسين, Karim كريم, Sofiane سفيان, Amine أمين, Bilal بلال,
Walid وليد, Nabil نبيل, Rachid رشيد, Abdelkader عبد القادر, Mourad مراد, Samir سمير, Hamza حمزة,
Ilyès إلياس, Lotfi لطفي, Toufik توفيق, Farid فريد, Massinissa ماسينيسا, Aghiles أغيلاس,
Ismaïl إسماعيل, Zinedine زين الدين, Redouane رضوان, Djamel جمال, Amina أمينة, Fatima فاطمة,
Khadidja خديجة, Meriem مريم, Sarah سارة, Nawel نوال, Samira سميرة, Yasmine ياسمين, Imane إيمان,
Asma أسماء, Lynda ليندة, Kahina كاهنة, Nassima نسيمة, Hanane حنان, Rania رانيا, Zohra زهرة,
Souad سعاد, Ferial فريال, Lila ليلى, Dihia ديهيا, Chaïma شيماء, Wafa وفاء, BENALI بن علي,
AISSANI عيساني, BOUDIAF بوضياف, HADDAD حداد, MANSOURI منصوري, ZEROUAL زروال, KACI قاسي,
MEZIANE مزيان, BELKACEM بلقاسم, CHERIF شريف, SAADI سعدي, BRAHIMI براهيمي, OULD_AHMED ولد أحمد,
TOUMI تومي, BENSALEM بن سالم, HAMIDI حميدي, AMROUCHE عمروش, SLIMANI سليماني, LOUNES لونيس,
BOUZID بوزيد, GUERFI قرفي, FERHAT فرحات, RAHMANI رحماني, DJEBBAR جبار, KHELIFI خليفي, NOUAR نوار,
YAHIAOUI يحياوي, MEDJAHED مجاهد
"""
PAIRS = [tuple(pair.strip().split(" ", 1)) for pair in BOTH_SCRIPTS.split(",")]


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (["  Benali  ", "BEN-ALI", "Ben Ali", "BENALI", "بن علي", "بنعلي", "بن عليّ"], "benali"),
        (["Aïssani", "AISSANI", "Aissani", "عيساني"], "aissani"),
        (["Mohamed", "Mohammed", "Mohammad", "Med", "MED.", "محمد", "مُحَمَّد", "محـمـد"], "mohamed"),
        (["Abdelkader", "Abd El Kader", "ABD-EL-KADER", "عبد القادر", "عبدالقادر"], "abdelkader"),
        (["N'GAOUS", "N’Gaous", "Ngaous"], "ngaous"),
        (["OULD AHMED", "Ould-Ahmed", "ولد أحمد", "ولد احمد"], "ouldahmed"),
    ],
)
def test_the_spellings_of_one_name_have_one_key(spellings: list[str], key: str) -> None:
    assert {name_key(spelling) for spelling in spellings} == {key}


@pytest.mark.parametrize(("latin", "arabic"), PAIRS)
def test_a_name_of_the_seed_data_has_one_key_in_both_scripts(latin: str, arabic: str) -> None:
    assert name_key(latin.replace("_", " ")) == name_key(arabic)


def test_different_names_of_the_seed_data_have_different_keys() -> None:
    keys = [name_key(arabic) for _, arabic in PAIRS]
    assert len(set(keys)) == len(PAIRS) == 74


@pytest.mark.parametrize("nothing", ["", "  ", "-", "👍", "ــ"])
def test_what_holds_no_letter_has_no_key_and_is_nobodys_name(nothing: str) -> None:
    assert name_key(nothing) == ""
    assert not same_name(nothing, nothing)


@pytest.mark.parametrize(
    "name", ["BEN ALI Mohamed", "Mohamed Benali", "Med BEN-ALI", "محمد بن علي", "بن علي محمد", "Benali محمد"]
)
def test_the_order_and_the_script_of_names_do_not_matter(name: str) -> None:
    assert full_name_keys(name) == {"benali", "mohamed"}


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Abd El Kader EL HADI", {"abdelkader", "elhadi"}),
        ("Ben", {"ben"}),
        ("OULD KADDOUR Nour Eddine", {"ouldkaddour", "nourredine"}),
    ],
)
def test_a_particle_belongs_to_the_name_after_it(name: str, keys: set[str]) -> None:
    assert full_name_keys(name) == keys


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("Guendouz", "قندوز"),
        ("Hadjadj", "حجاج"),
        ("Khelladi", "خلادي"),
        ("Chenouf", "شنوف"),
        ("Bouchouareb", "بوشوارب"),
        ("Ghediri", "غديري"),
        ("Wahrani", "وهراني"),
        ("Amrane", "عمران"),
        ("Zeghba", "زغبة"),
        ("Yousfi", "يوسفي"),
        ("Guessab", "قصاب"),
    ],
)
def test_a_name_that_is_not_listed_is_recognised_in_the_other_script(latin: str, arabic: str) -> None:
    assert skeleton(latin) == skeleton(arabic)
    assert same_name(latin, arabic)
    assert same_name(arabic, latin)


def test_in_one_script_only_equal_keys_are_the_same_name() -> None:
    assert skeleton("Selmane") == skeleton("Salmoun")
    assert not same_name("Selmane", "Salmoun")


def test_a_listed_name_is_known_by_its_key_alone() -> None:
    assert skeleton("Imane") == skeleton("أمين")
    assert not same_name("Imane", "أمين")


def test_no_spelling_is_listed_under_two_keys() -> None:
    lines = files("crm_api.kit").joinpath("frequent_names.txt").read_text("utf-8").splitlines()
    names = [line.partition("=")[::2] for line in lines if not line.startswith("#")]
    spellings = [
        spelling.strip() for latin, arabic in names for spelling in (*latin.split(), *arabic.split(","))
    ]
    folded = [fold(spelling).replace(" ", "") for spelling in spellings]
    assert len(folded) > 700
    assert len(set(folded)) == len(folded)


def test_no_two_names_of_the_seed_data_are_taken_for_one_another() -> None:
    confused = {
        (one, other)
        for (one, in_arabic), (other, _) in combinations(PAIRS, 2)
        if same_name(one, other) or same_name(in_arabic, other)
    }
    assert confused == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BEN ALI Mohamed", "Mohammed Benali"),
        ("BEN ALI Mohamed", "بن علي محمد"),
        ("Bouchareb Karim", "بوشارب كريم"),
        ("AISSANI Ilyès", "ilyes aïssani"),
        ("Ait Ahmed Hocine", "HOCINE Aitahmed"),
    ],
)
def test_the_spellings_of_one_full_name_are_the_same(one: str, other: str) -> None:
    assert same_full_name(one, other)
