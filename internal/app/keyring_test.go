package app_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/kit/fault"
)

// The data folder was lost and migrate is run again, or two installations were
// mixed up: a database is used with its own keys only, and no new keys are left
// lying beside it.
func TestKeysOfAnotherHouse(t *testing.T) {
	each(t, func(t *testing.T, c app.Config) {
		setUp(t, c)
		setUp(t, c)
		own, err := os.ReadFile(c.Secrets)
		require.NoError(t, err)

		require.NoError(t, os.Remove(c.Secrets))
		_, err = app.Open(t.Context(), c, app.Options{})
		require.ErrorIs(t, err, app.ErrNoSecrets)
		err = app.Migrate(t.Context(), c, &bytes.Buffer{})
		require.True(t, fault.HasCode(err, "app.other_secrets"), "%v", err)
		require.NoFileExists(t, c.Secrets)

		other := c
		other.Database, other.Secrets = filepath.Join(t.TempDir(), "other.db"), filepath.Join(t.TempDir(), "secrets.json")
		setUp(t, other)
		other.Database = c.Database
		_, err = app.Open(t.Context(), other, app.Options{})
		require.True(t, fault.HasCode(err, "app.other_secrets"), "%v", err)
		require.Contains(t, app.Say(err), "secrets.json")
		var out bytes.Buffer
		require.Error(t, app.Doctor(t.Context(), other, &out))
		require.Contains(t, out.String(), "FAIL secrets: ")

		require.NoError(t, os.WriteFile(c.Secrets, own, 0o600))
		a, err := app.Open(context.WithoutCancel(t.Context()), c, app.Options{})
		require.NoError(t, err)
		require.NoError(t, a.Close())
	})
}
