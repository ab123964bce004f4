// Package place is the gazetteer: the administrative divisions of China down to
// the county, those of Shandong down to the township and street, in Chinese and
// English, where the counties of Shandong lie, and how people write all of them.
//
// A Code has 2 (province), 4 (city), 6 (county) or 9 digits (township, street);
// the whole country is Nation. Codes are the statistical codes of 2023; codes
// and names abolished since 2012 resolve to the county that holds the area now.
// A Zone is a statistical development zone (last two digits 71–80): it reports
// like a county but is none under GB/T 2260.
//
// Everything is embedded, read once at first use, and only looked up after
// that. Sources and licences: data/README.md. The package knows facts only; it
// imports nothing of the house but fault.
package place
