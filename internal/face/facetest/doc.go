// Package facetest gives tests of the faces a whole opened house behind a real
// server, and a browser without script to click through it.
//
// Noun: a House, all rooms on a fresh SQLite database under a clock moved by hand;
// a Browser, one person with cookies; a Screen, an answer with its forms.
package facetest
