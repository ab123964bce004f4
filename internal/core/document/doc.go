// Package document keeps the files that people attach to records, and is the one
// place where papers are printed.
//
// Nouns: a Document, one file of an Owner (a case, a vacancy, a person …), whose
// bytes lie in the blob store under their SHA-256 while the row says whose it is;
// a Paper, a PDF in the making with Chinese text, tables and page numbers.
//
// Invariants:
//   - a file is one of the Types, told from its bytes, never from its name; what
//     browsers or spreadsheets would run (HTML, SVG, scripts, a CSV with formulas)
//     is refused; archives are not opened here, so none can be a bomb;
//   - the shown name is cleaned, is no path, and ends as the type says;
//   - who sees the owner's row sees the document: by the path, the person or the
//     company; to anybody else it does not exist;
//   - opening a file about a person is audited.
//
// Attach reads from the network, so it is called outside a transaction. Where
// the row cannot be written afterwards, the bytes stay behind without a name.
//
// Table: documents (city).
package document
