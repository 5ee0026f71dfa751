"""Names the parts of countries that policies speak of, in the form of the list of countries."""

from __future__ import annotations

PARTS = """
US-AL Alabama
US-AK Alaska | Alaskan
US-AZ Arizona
US-AR Arkansas
US-CA California | Californian
US-CO Colorado
US-CT Connecticut
US-DE Delaware
US-DC District of Columbia, Washington DC, Washington D.C.
US-FL Florida
US-GA State of Georgia, state of Georgia
US-HI Hawaii, Hawai'i
US-ID Idaho
US-IL Illinois
US-IN Indiana
US-IA Iowa
US-KS Kansas
US-KY Kentucky
US-LA Louisiana
US-ME Maine
US-MD Maryland
US-MA Massachusetts
US-MI Michigan
US-MN Minnesota
US-MS Mississippi
US-MO Missouri
US-MT Montana
US-NE Nebraska
US-NV Nevada
US-NH New Hampshire
US-NJ New Jersey
US-NM New Mexico
US-NY New York
US-NC North Carolina
US-ND North Dakota
US-OH Ohio
US-OK Oklahoma
US-OR Oregon
US-PA Pennsylvania
US-RI Rhode Island
US-SC South Carolina
US-SD South Dakota
US-TN Tennessee
US-TX Texas | Texan
US-UT Utah
US-VT Vermont
US-VA Virginia
US-WA Washington
US-WV West Virginia
US-WI Wisconsin
US-WY Wyoming
CA-AB Alberta
CA-BC British Columbia
CA-MB Manitoba
CA-NB New Brunswick
CA-NL Newfoundland and Labrador, Newfoundland
CA-NS Nova Scotia
CA-NT Northwest Territories
CA-NU Nunavut
CA-ON Ontario
CA-PE Prince Edward Island
CA-QC Quebec, Québec
CA-SK Saskatchewan
CA-YT Yukon
GB-ENG England
GB-NIR Northern Ireland
GB-SCT Scotland | Scottish
GB-WLS Wales | Welsh
"""
