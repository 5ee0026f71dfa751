"""What regions are called, by their codes: those of ISO 3166 that policies name most, and "EU" and "EEA"."""

from __future__ import annotations

from collections.abc import Iterable

NAMES = {
    "EU": "the EU",
    "EEA": "the EEA",
    "GB": "the UK",
    "UK": "the UK",
    "US": "the US",
    "CH": "Switzerland",
    "CA": "Canada",
    "BR": "Brazil",
    "AU": "Australia",
    "NZ": "New Zealand",
    "JP": "Japan",
    "KR": "South Korea",
    "CN": "China",
    "HK": "Hong Kong",
    "TW": "Taiwan",
    "SG": "Singapore",
    "IN": "India",
    "ID": "Indonesia",
    "TH": "Thailand",
    "VN": "Vietnam",
    "PH": "the Philippines",
    "MY": "Malaysia",
    "TR": "Turkey",
    "IL": "Israel",
    "AE": "the UAE",
    "SA": "Saudi Arabia",
    "ZA": "South Africa",
    "NG": "Nigeria",
    "KE": "Kenya",
    "EG": "Egypt",
    "MX": "Mexico",
    "AR": "Argentina",
    "CL": "Chile",
    "CO": "Colombia",
    "RU": "Russia",
    "UA": "Ukraine",
    "NO": "Norway",
    "IS": "Iceland",
    "LI": "Liechtenstein",
    "AT": "Austria",
    "BE": "Belgium",
    "BG": "Bulgaria",
    "HR": "Croatia",
    "CY": "Cyprus",
    "CZ": "Czechia",
    "DK": "Denmark",
    "EE": "Estonia",
    "FI": "Finland",
    "FR": "France",
    "DE": "Germany",
    "GR": "Greece",
    "HU": "Hungary",
    "IE": "Ireland",
    "IT": "Italy",
    "LV": "Latvia",
    "LT": "Lithuania",
    "LU": "Luxembourg",
    "MT": "Malta",
    "NL": "the Netherlands",
    "PL": "Poland",
    "PT": "Portugal",
    "RO": "Romania",
    "SK": "Slovakia",
    "SI": "Slovenia",
    "ES": "Spain",
    "SE": "Sweden",
    "US-CA": "California",
    "US-CO": "Colorado",
    "US-CT": "Connecticut",
    "US-DE": "Delaware",
    "US-IL": "Illinois",
    "US-MD": "Maryland",
    "US-MN": "Minnesota",
    "US-MT": "Montana",
    "US-NE": "Nebraska",
    "US-NH": "New Hampshire",
    "US-NJ": "New Jersey",
    "US-NV": "Nevada",
    "US-NY": "New York",
    "US-OR": "Oregon",
    "US-TX": "Texas",
    "US-UT": "Utah",
    "US-VA": "Virginia",
    "US-VT": "Vermont",
    "US-WA": "Washington State",
    "CA-QC": "Quebec",
}
MOST = 4
EEA = ("EU", "IS", "LI", "NO")  # the European Economic Area


def named(codes: Iterable[str]) -> list[str]:
    """The name of each region, once; of the members of the EEA together, the EEA's. [] where one has no name here."""
    given = list(dict.fromkeys(codes))
    if set(EEA) <= set(given):
        given = ["EU", "EEA", *(code for code in given if code not in EEA)]
    names = [NAMES.get(code, "") for code in given]
    return list(dict.fromkeys(names)) if all(names) else []


def listed(regions: Iterable[str]) -> str:
    """Names, joined as people say them: "the EU, EEA and Switzerland"."""
    names = list(dict.fromkeys(regions))
    if len(names) > MOST:
        return f"{', '.join(_bare(names[:MOST]))} and {len(names) - MOST} more"
    *most, last = _bare(names) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _bare(names: list[str]) -> list[str]:
    """A second "the" is left out."""
    seen = False
    told = list[str]()
    for name in names:
        told.append(name.removeprefix("the ") if seen else name)
        seen = seen or name.startswith("the ")
    return told
