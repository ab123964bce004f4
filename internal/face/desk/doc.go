// Package desk is the face for union staff of all levels.
package desk
