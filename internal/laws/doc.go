// Package laws holds tests of the laws that concern the whole tree and no
// single room: who may import whom (docs/rooms.md), where the present may be
// read, what a package must say of itself. It has no code.
package laws
