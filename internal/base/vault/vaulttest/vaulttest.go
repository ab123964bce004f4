// Package vaulttest gives tests a vault with fresh secrets.
package vaulttest

import (
	"testing"

	"gonghui/internal/base/vault"
)

// New gives a vault on a keyring made for this test only.
func New(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.New(vault.Generate())
	if err != nil {
		t.Fatal(err)
	}
	return v
}
