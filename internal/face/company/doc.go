// Package company is the face for companies.
package company
