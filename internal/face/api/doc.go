// Package api is the face for machines: JSON under /api/v1, described by OpenAPI 3.1.
package api
