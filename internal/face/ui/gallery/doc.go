// Package gallery renders every component of ui with the longest realistic
// names in both languages. Only tests import it: they photograph the pages,
// and run the accessibility checker over them.
package gallery
