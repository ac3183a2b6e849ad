"""Whom the certificates of the local log are for: names under .jp of every kind, near misses, and all others.

Each maker draws from the generator it is given and says itself which .jp names its certificate holds, in
their normalised form, so that nothing has to be read back.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from ctcollect.local_log import der
from ctcollect.local_log.certificates import (
    COMMON_NAME,
    COUNTRY,
    LOCALITY,
    ORGANIZATION,
    attribute,
)

# fmt: off
STEMS = (
    "aoba", "asahi", "bento", "daiwa", "edo", "fuji", "ginza", "hana", "ichiban", "kaede", "kiku",
    "koi", "maru", "matsu", "midori", "mikan", "minato", "momo", "nagi", "niji", "ogawa", "ringo",
    "sakura", "sango", "sora", "suzu", "taiyo", "tsubaki", "ume", "wakaba", "yama", "yuki", "zen",
)
# fmt: on
OTHER_ENDINGS = ("com", "com", "com", "net", "org", "de", "io", "co.uk", "com.br", "nl", "dev", "example")
PREFECTURES = ("aichi", "hokkaido", "kanagawa", "kyoto", "osaka", "saitama", "tokyo")
CITIES = ("fuchu.tokyo", "kamakura.kanagawa", "toyota.aichi", "uji.kyoto", "hakodate.hokkaido")
# U-label and its A-label (RFC 5890)
IDN_LABELS = (
    ("日本語", "xn--wgv71a119e"),
    ("京都旅館", "xn--1lqy67cls4a92g"),
    ("名古屋", "xn--7orpdr10a"),
    ("寿司", "xn--sprr0q"),
    ("さくら", "xn--y8jl1n"),
    ("温泉", "xn--bww52a"),
)
COMPANIES = ("さくら商事", "日本電子工業", "東京旅行", "みどり銀行", "名古屋製作所", "北海道牧場")
MANY_NAMES = 100


@dataclass(frozen=True, slots=True)
class Names:
    """The subscriber's side of a certificate.

    ``rdns`` and ``general_names`` are DER; ``jp_names`` the names under .jp that a reader should find,
    normalised, sorted; ``fault`` says what a strict reader dislikes, "" for nothing.
    """

    kind: str
    rdns: tuple[bytes, ...]
    general_names: tuple[bytes, ...]
    jp_names: tuple[str, ...] = ()
    fault: str = ""


Maker = Callable[[Random], Names]


def email(address: str) -> bytes:
    return der.implicit(1, address.encode())


def dns(name: str) -> bytes:
    return der.implicit(2, name.encode())


def uri(address: str) -> bytes:
    return der.implicit(6, address.encode())


def subject(common_name: bytes, organization: str | None = None, country: str = "JP") -> tuple[bytes, ...]:
    """The RDNs of a subject: domain validated with a CN alone, organization validated with C, L and O too."""
    if organization is None:
        return (attribute(COMMON_NAME, common_name),)
    return (
        attribute(COUNTRY, der.printable(country)),
        attribute(LOCALITY, der.utf8("Chiyoda-ku" if country == "JP" else "Springfield")),
        attribute(ORGANIZATION, der.utf8(organization)),
        attribute(COMMON_NAME, common_name),
    )


def label(draw: Random) -> str:
    """A label out of some 20,000: most come once, some again with later certificates."""
    return f"{draw.choice(STEMS)}{draw.randrange(500)}"


def pattern(kind: str, *shapes: str, organization: str | None = None) -> Maker:
    """A maker of names in these shapes (``{}`` is a drawn label), the first one as CN too."""
    holds_jp = shapes[0].endswith(".jp")

    def make(draw: Random) -> Names:
        drawn = label(draw)
        names = [shape.format(drawn) for shape in shapes]
        rdns = subject(der.utf8(names[0]), organization and organization.format(drawn.title()))
        return Names(kind, rdns, tuple(map(dns, names)), tuple(sorted(names)) if holds_jp else ())

    return make


def prefecture(draw: Random) -> Names:
    return pattern("prefecture", f"www.{{}}.{draw.choice(PREFECTURES)}.jp")(draw)


def city(draw: Random) -> Names:
    place = draw.choice(CITIES)
    return pattern("city", f"www.city.{place}.jp", f"{{}}.city.{place}.jp", organization="City of {}")(draw)


def idn(draw: Random) -> Names:
    a_label = draw.choice(IDN_LABELS)[1]
    return pattern("idn", f"{{}}.{a_label}.jp", f"www.{{}}.{a_label}.jp")(draw)


def upper_case(draw: Random) -> Names:
    name = f"www.{label(draw)}.co.jp"
    return Names("upper-case", subject(der.utf8(name.upper())), (dns(name.upper()),), (name,))


def trailing_dot(draw: Random) -> Names:
    name = f"{label(draw)}.ne.jp"
    return Names("trailing-dot", subject(der.utf8(f"{name}.")), (dns(f"{name}."),), (name,))


def common_name_only(draw: Random) -> Names:
    """As certificates were in 2010: no subjectAltName at all."""
    name = f"www.{label(draw)}.ne.jp"
    return Names("common-name-only", subject(der.printable(name), "Hosting KK"), (), (name,))


def raw_utf8(draw: Random) -> Names:
    """A dNSName with the U-label itself, which no IA5String may hold."""
    (u_label, a_label), drawn = draw.choice(IDN_LABELS), label(draw)
    names = (dns(f"{drawn}.{u_label}.jp"),)
    jp_names = (f"{drawn}.{a_label}.jp",)
    return Names("raw-utf8", subject(der.utf8(jp_names[0])), names, jp_names, fault="raw-utf8")


def bmp_common_name(draw: Random) -> Names:
    """The name stands in a BMPString alone: its bytes never spell ".jp" in ASCII."""
    name = f"www.{label(draw)}.or.jp"
    return Names("bmp-common-name", subject(der.bmp(name)), (), (name,))


def japanese_organization(draw: Random) -> Names:
    name = f"www.{label(draw)}.co.jp"
    company = f"株式会社{draw.choice(COMPANIES)}"
    return Names("japanese-organization", subject(der.utf8(name), company), (dns(name),), (name,))


def many_names(draw: Random) -> Names:
    """A content network's certificate: half of its names are under .jp."""
    drawn = label(draw)
    jp_names = [f"{drawn}-{number}.jp" for number in range(MANY_NAMES // 2)]
    others = [f"{drawn}-{number}.com" for number in range(MANY_NAMES - len(jp_names))]
    general_names = tuple(map(dns, others + jp_names))
    return Names("many-names", subject(der.utf8(others[0])), general_names, tuple(sorted(jp_names)))


def near_email(draw: Random) -> Names:
    drawn = label(draw)
    names = (dns(f"mail.{drawn}.net"), email(f"postmaster@{drawn}.co.jp"))
    return Names("near-email", subject(der.utf8(f"mail.{drawn}.net")), names)


def near_uri(draw: Random) -> Names:
    drawn = label(draw)
    names = (dns(f"www.{drawn}.org"), uri(f"https://www.{drawn}.co.jp/about"))
    return Names("near-uri", subject(der.utf8(f"www.{drawn}.org")), names)


def other(draw: Random) -> Names:
    """A name that has nothing to do with .jp; a third of them with an organization."""
    name = f"{label(draw)}.{draw.choice(OTHER_ENDINGS)}"
    organization = f"{name.title()} Ltd" if draw.random() < 0.3 else None
    rdns = subject(der.utf8(name), organization, country="US")
    return Names("other", rdns, (dns(name), dns(f"www.{name}")))


# kind -> how often, maker
JP: Mapping[str, tuple[int, Maker]] = {
    "co.jp": (30, pattern("co.jp", "www.{}.co.jp", "{}.co.jp")),
    "ne.jp": (6, pattern("ne.jp", "{}.ne.jp")),
    "or.jp": (4, pattern("or.jp", "www.{}.or.jp", "{}.or.jp")),
    "ac.jp": (5, pattern("ac.jp", "www.{}.ac.jp", organization="{} University")),
    "lg.jp": (3, pattern("lg.jp", "www.{}.lg.jp", organization="Town of {}")),
    "go.jp": (3, pattern("go.jp", "www.{}.go.jp", organization="{} Agency")),
    "general": (30, pattern("general", "{}.jp", "www.{}.jp")),
    "wildcard": (8, pattern("wildcard", "*.{}.jp", "{}.jp")),
    "prefecture": (2, prefecture),
    "city": (2, city),
    "idn": (2, idn),
    "upper-case": (1, upper_case),
    "trailing-dot": (1, trailing_dot),
    "common-name-only": (1, common_name_only),
    "raw-utf8": (1, raw_utf8),
    "bmp-common-name": (1, bmp_common_name),
    "japanese-organization": (3, japanese_organization),
    "many-names": (1, many_names),
}
NEAR_MISSES: Mapping[str, tuple[int, Maker]] = {
    "near-jp-com": (3, pattern("near-jp-com", "www.{}.jp.com", "{}.jp.com")),
    "near-notjp": (3, pattern("near-notjp", "{}notjp.com", "www.{}notjp.com")),
    "near-label": (3, pattern("near-label", "jp.{}.net", "www.jp.{}.net")),
    "near-email": (2, near_email),
    "near-uri": (2, near_uri),
    "near-organization": (2, pattern("near-organization", "{}.com", organization="{}.jp Marketing Inc.")),
}
OTHERS: Mapping[str, tuple[int, Maker]] = {"other": (1, other)}


def deal(makers: Mapping[str, tuple[int, Maker]], draw: Random) -> Iterator[Names]:
    """Names without end: first one of every kind, so that a small log shows them all, then by weight."""
    for _, maker in makers.values():
        yield maker(draw)
    weights, choices = zip(*makers.values(), strict=True)
    while True:
        yield draw.choices(choices, weights)[0](draw)
