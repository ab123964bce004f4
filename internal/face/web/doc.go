// Package web is what all faces share: the site with its middleware, the
// session, form decoding with anti-forgery tokens, and the one place where a
// fault becomes a page.
//
// A handler returns an error or writes a whole page; it holds no status codes
// of its own. Pages are rendered to memory before the first byte goes out, so a
// page that fails half-way becomes a clean error page.
package web
