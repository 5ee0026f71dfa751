"""Names countries and their parts: what ISO 3166 codes are called in English.

A line is a code and its names; behind a bar the words for people or things from there, which count only before such.
"""

from __future__ import annotations

COUNTRIES = """
AD Andorra | Andorran
AE United Arab Emirates, UAE, U.A.E. | Emirati
AF Afghanistan | Afghan
AG Antigua and Barbuda, Antigua & Barbuda | Antiguan
AI Anguilla | Anguillan
AL Albania | Albanian
AM Armenia | Armenian
AO Angola | Angolan
AQ Antarctica
AR Argentina | Argentine, Argentinian
AS American Samoa, Samoa (American)
AT Austria | Austrian
AU Australia | Australian
AW Aruba | Aruban
AX Åland Islands, Åland
AZ Azerbaijan | Azerbaijani
BA Bosnia and Herzegovina, Bosnia & Herzegovina, Bosnia | Bosnian
BB Barbados | Barbadian
BD Bangladesh | Bangladeshi
BE Belgium | Belgian
BF Burkina Faso
BG Bulgaria | Bulgarian
BH Bahrain | Bahraini
BI Burundi | Burundian
BJ Benin | Beninese
BL Saint Barthélemy, St. Barthélemy, St Barthelemy
BM Bermuda | Bermudian
BN Brunei Darussalam, Brunei | Bruneian
BO Bolivia | Bolivian
BQ Caribbean Netherlands, Bonaire
BR Brazil, Brasil | Brazilian
BS Bahamas | Bahamian
BT Bhutan | Bhutanese
BV Bouvet Island
BW Botswana
BY Belarus | Belarusian
BZ Belize | Belizean
CA Canada | Canadian
CC Cocos (Keeling) Islands, Cocos Islands
CD Democratic Republic of the Congo, Congo (Dem. Rep.), DR Congo, DRC
CF Central African Republic
CG Republic of the Congo, Congo (Rep.), Congo | Congolese
CH Switzerland, Swiss Confederation | Swiss
CI Côte d'Ivoire, Côte d’Ivoire, Cote d'Ivoire, Ivory Coast | Ivorian
CK Cook Islands
CL Chile | Chilean
CM Cameroon | Cameroonian
CN People's Republic of China, mainland China, China, PRC | Chinese
CO Colombia | Colombian
CR Costa Rica | Costa Rican
CU Cuba | Cuban
CV Cape Verde, Cabo Verde | Cape Verdean
CW Curaçao, Curacao
CX Christmas Island
CY Cyprus | Cypriot
CZ Czech Republic, Czechia | Czech
DE Germany | German
DJ Djibouti | Djiboutian
DK Denmark | Danish
DM Dominica
DO Dominican Republic | Dominican
DZ Algeria | Algerian
EC Ecuador | Ecuadorian, Ecuadorean
EE Estonia | Estonian
EG Egypt | Egyptian
EH Western Sahara
ER Eritrea | Eritrean
ES Spain | Spanish
ET Ethiopia | Ethiopian
FI Finland | Finnish
FJ Fiji | Fijian
FK Falkland Islands
FM Micronesia | Micronesian
FO Faroe Islands | Faroese
FR France | French
GA Gabon | Gabonese
GB United Kingdom, U.K., UK, Great Britain, Britain, Britain (UK) | British
GD Grenada | Grenadian
GE Republic of Georgia | Georgian
GF French Guiana
GG Guernsey
GH Ghana | Ghanaian
GI Gibraltar | Gibraltarian
GL Greenland | Greenlandic
GM Gambia | Gambian
GN Guinea | Guinean
GP Guadeloupe
GQ Equatorial Guinea
GR Greece | Greek
GS South Georgia and the South Sandwich Islands, South Georgia & the South Sandwich Islands
GT Guatemala | Guatemalan
GU Guam | Guamanian
GW Guinea-Bissau
GY Guyana | Guyanese
HK Hong Kong SAR, Hong Kong
HM Heard Island and McDonald Islands, Heard Island & McDonald Islands
HN Honduras | Honduran
HR Croatia | Croatian
HT Haiti | Haitian
HU Hungary | Hungarian
ID Indonesia | Indonesian
IE Republic of Ireland, Ireland | Irish
IL Israel | Israeli
IM Isle of Man | Manx
IN India | Indian
IO British Indian Ocean Territory
IQ Iraq | Iraqi
IR Iran | Iranian
IS Iceland | Icelandic
IT Italy | Italian
JE Jersey
JM Jamaica | Jamaican
JO Jordan | Jordanian
JP Japan | Japanese
KE Kenya | Kenyan
KG Kyrgyzstan | Kyrgyz
KH Cambodia | Cambodian
KI Kiribati
KM Comoros | Comorian
KN Saint Kitts and Nevis, St Kitts & Nevis, St. Kitts and Nevis
KP North Korea, Korea (North), Democratic People's Republic of Korea | North Korean
KR South Korea, Republic of Korea, Korea (South), Korea | South Korean, Korean
KW Kuwait | Kuwaiti
KY Cayman Islands
KZ Kazakhstan | Kazakh, Kazakhstani
LA Laos | Lao, Laotian
LB Lebanon | Lebanese
LC Saint Lucia, St Lucia, St. Lucia
LI Liechtenstein
LK Sri Lanka | Sri Lankan
LR Liberia | Liberian
LS Lesotho
LT Lithuania | Lithuanian
LU Luxembourg | Luxembourgish
LV Latvia | Latvian
LY Libya | Libyan
MA Morocco | Moroccan
MC Monaco | Monégasque
MD Moldova | Moldovan
ME Montenegro | Montenegrin
MF Saint Martin, St Martin (French)
MG Madagascar | Malagasy
MH Marshall Islands | Marshallese
MK North Macedonia, Macedonia | Macedonian
ML Mali | Malian
MM Myanmar, Myanmar (Burma), Burma | Burmese
MN Mongolia | Mongolian
MO Macao, Macau
MP Northern Mariana Islands
MQ Martinique
MR Mauritania | Mauritanian
MS Montserrat
MT Malta | Maltese
MU Mauritius | Mauritian
MV Maldives | Maldivian
MW Malawi | Malawian
MX Mexico | Mexican
MY Malaysia | Malaysian
MZ Mozambique | Mozambican
NA Namibia | Namibian
NC New Caledonia
NE Niger | Nigerien
NF Norfolk Island
NG Nigeria | Nigerian
NI Nicaragua | Nicaraguan
NL Netherlands, the Netherlands, Holland | Dutch
NO Norway | Norwegian
NP Nepal | Nepali, Nepalese
NR Nauru | Nauruan
NU Niue
NZ New Zealand, Aotearoa New Zealand
OM Oman | Omani
PA Panama | Panamanian
PE Peru | Peruvian
PF French Polynesia
PG Papua New Guinea
PH Philippines | Philippine, Filipino
PK Pakistan | Pakistani
PL Poland | Polish
PM Saint Pierre and Miquelon, St Pierre & Miquelon
PN Pitcairn
PR Puerto Rico | Puerto Rican
PS Palestine, Palestinian Territories | Palestinian
PT Portugal | Portuguese
PW Palau | Palauan
PY Paraguay | Paraguayan
QA Qatar | Qatari
RE Réunion
RO Romania | Romanian
RS Serbia | Serbian
RU Russian Federation, Russia | Russian
RW Rwanda | Rwandan
SA Saudi Arabia, KSA | Saudi
SB Solomon Islands
SC Seychelles | Seychellois
SD Sudan | Sudanese
SE Sweden | Swedish
SG Singapore | Singaporean
SH Saint Helena, St Helena
SI Slovenia | Slovenian
SJ Svalbard and Jan Mayen, Svalbard & Jan Mayen, Svalbard
SK Slovakia, Slovak Republic | Slovak
SL Sierra Leone
SM San Marino
SN Senegal | Senegalese
SO Somalia | Somali
SR Suriname | Surinamese
SS South Sudan
ST Sao Tome and Principe, Sao Tome & Principe, São Tomé and Príncipe
SV El Salvador | Salvadoran
SX Sint Maarten, St Maarten (Dutch)
SY Syria | Syrian
SZ Eswatini, Eswatini (Swaziland), Swaziland
TC Turks and Caicos Islands, Turks & Caicos Is
TD Chad | Chadian
TF French Southern Territories, French S. Terr.
TG Togo | Togolese
TH Thailand | Thai
TJ Tajikistan | Tajik
TK Tokelau
TL East Timor, Timor-Leste | Timorese
TM Turkmenistan | Turkmen
TN Tunisia | Tunisian
TO Tonga | Tongan
TR Turkey, Türkiye | Turkish
TT Trinidad and Tobago, Trinidad & Tobago, Trinidad | Trinidadian
TV Tuvalu
TW Taiwan | Taiwanese
TZ Tanzania | Tanzanian
UA Ukraine | Ukrainian
UG Uganda | Ugandan
UM US minor outlying islands, United States Minor Outlying Islands
US United States of America, United States, U.S.A., U.S., USA, US, America | American
UY Uruguay | Uruguayan
UZ Uzbekistan | Uzbek
VA Vatican City, Vatican, Holy See
VC Saint Vincent and the Grenadines, St Vincent
VE Venezuela | Venezuelan
VG British Virgin Islands, Virgin Islands (UK)
VI United States Virgin Islands, US Virgin Islands, U.S. Virgin Islands, Virgin Islands (US)
VN Vietnam, Viet Nam | Vietnamese
VU Vanuatu
WF Wallis and Futuna, Wallis & Futuna
WS Samoa, Samoa (western) | Samoan
XK Kosovo | Kosovar
YE Yemen | Yemeni
YT Mayotte
ZA South Africa | South African
ZM Zambia | Zambian
ZW Zimbabwe | Zimbabwean
"""
