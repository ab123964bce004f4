// Package exchange reads and writes tables that people send: CSV and XLSX, in
// and out, row by row.
//
// Noun: a Table, a header and rows of text cells. Reading promises: memory does
// not grow with the number of rows (an XLSX is unpacked while it is read, its
// shared texts beyond 16 MB lie on disk); a file that ends too early or is no
// table to its end is a fault, never a shorter table; a bad row is a *RowError with its line, and reading
// goes on at the next line, so that one broken quote never swallows the rest;
// the whole file's SHA-256 is known before the first row, to refuse a file sent
// twice; what a file is is decided by its bytes and must agree with its name.
// UTF-8 with or without BOM, UTF-16 with BOM and GB 18030 are understood, and
// the delimiters comma, semicolon and tab.
//
// Writing promises: Excel opens the file with the right characters (UTF-8 BOM),
// and no cell is taken for a formula: what begins with = + - @ tab or CR gets a
// leading apostrophe, which reading takes off again.
//
// Faults: exchange.too_large, exchange.not_a_table, exchange.empty,
// exchange.header, exchange.broken, exchange.unknown_column,
// exchange.unknown_field, exchange.missing_column, exchange.mapping.
//
// The package owns no tables in the database and knows no business words.
package exchange
