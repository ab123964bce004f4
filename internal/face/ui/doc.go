// Package ui is the one visual language of gonghui: the layouts of the faces
// and the components their pages are composed of. Pages invent no markup of
// their own; what is missing is added here.
//
// Invariants: a component takes typed arguments and calls no business code;
// text is given to it ready, except the words that belong to the component
// itself ("Back", "3 / 8"), which it takes from the message area "ui" in the
// language of the page. Everything works without script, at 200 % zoom and by
// keyboard. A state is a word, an icon and a colour, never colour alone. No
// inline styles or handlers, so that a strict content security policy holds.
//
// Page holds what every page knows. A layout (Phone, Company, Desk, Cockpit)
// puts it into the context, where components find the language and the form
// token; With does the same for a fragment rendered without a layout.
//
// Colours are tokens of web/src/theme.css, whose contrast a test computes.
package ui
