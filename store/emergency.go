package store

import (
	"slices"
	"strings"
)

// alwaysEmergency is the number that every mobile phone in the world knows
// (3GPP TS 22.101 §10.1).
const alwaysEmergency = "112"

// emergencyByCountry are the numbers that a caller in a country may expect to
// reach police, fire brigade or ambulance under, beside 112. A country that is
// not here has 112 and 911.
var emergencyByCountry = map[string]string{
	"AD": "110 116 118", "AE": "998 999 997", "AL": "129 128 127", "AM": "101 102 103 911", "AR": "911 100 101 107",
	"AT": "122 133 144", "AU": "000 106", "AZ": "101 102 103", "BA": "122 123 124", "BD": "999", "BE": "100 101",
	"BG": "150 160 166", "BO": "110 118 119", "BR": "190 192 193", "BY": "101 102 103", "CA": "911",
	"CH": "117 118 144", "CL": "131 132 133", "CN": "110 119 120", "CO": "123", "CR": "911", "CY": "199",
	"CZ": "150 155 158", "DE": "110", "DK": "114", "DO": "911", "DZ": "14 17 1548", "EC": "911", "EE": "110",
	"EG": "122 123 180", "ES": "061 062 080 085 091 092", "FI": "", "FR": "15 17 18 114 115 119 191 196", "GB": "999",
	"GE": "", "GH": "191 192 193", "GI": "190 199", "GR": "100 108 166 199", "GT": "110 120 122 123", "HK": "999",
	"HN": "911", "HR": "192 193 194", "HU": "104 105 107", "ID": "110 113 118 119", "IE": "999", "IL": "100 101 102",
	"IN": "100 101 102 108", "IQ": "104 115 122", "IR": "110 115 125", "IS": "", "IT": "113 115 117 118",
	"JM": "110 119", "JO": "911", "JP": "110 118 119", "KE": "999 911", "KG": "101 102 103", "KR": "119",
	"KW": "", "KZ": "101 102 103", "LB": "125 140 175", "LI": "117 118 144", "LK": "110 119", "LT": "",
	"LU": "113", "LV": "110 113", "MA": "15 19 177", "MC": "15 17 18", "MD": "901 902 903", "ME": "122 123 124",
	"MK": "192 193 194", "MT": "", "MX": "911", "MY": "999", "NG": "199 767", "NI": "115 118 128", "NL": "", "NO": "110 113",
	"NP": "100 101 102", "NZ": "111", "OM": "9999", "PA": "911", "PE": "105 106 116", "PH": "911", "PK": "15 16 1122",
	"PL": "997 998 999", "PR": "911", "PT": "", "PY": "911", "QA": "999", "RO": "", "RS": "192 193 194",
	"RU": "101 102 103", "SA": "911 997 998 999", "SE": "", "SG": "995 999", "SI": "113", "SK": "150 155 158",
	"SM": "113 115 118", "SV": "911", "TH": "191 199 1669", "TN": "190 197 198", "TR": "110 155 156", "TW": "110 119",
	"TZ": "114 115", "UA": "101 102 103", "UG": "999", "US": "911", "UY": "911", "UZ": "101 102 103", "VE": "911 171",
	"VN": "113 114 115", "ZA": "10111 10177",
}

// EmergencyNumbers are those of a country, and 112, in ascending order.
func EmergencyNumbers(country string) []string {
	list, ok := emergencyByCountry[strings.ToUpper(country)]
	if !ok {
		list = "911"
	}
	all := append(strings.Fields(list), alwaysEmergency)
	slices.Sort(all)
	return slices.Compact(all)
}

// IsEmergency says whether a dialled string is an emergency number here.
func (o *Organization) IsEmergency(dialled string) bool {
	return slices.Contains(o.EmergencyNumbers, dialled)
}
