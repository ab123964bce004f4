package app

import (
	"context"
	"errors"
	"io/fs"

	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/kit/fault"
)

// ErrNoSecrets says that the house has no keys: it must not serve.
var ErrNoSecrets = fault.New(fault.Conflict, "app.no_secrets")

// keyringMark is the setting that recognises the keyring a database was set up
// with. With other keys nothing sealed could be read and nobody would be found
// again: everybody who came back would become a second person.
const keyringMark = "keyring"

func markOf(v *vault.Vault) string { return v.Hash(keyringMark, "gonghui") }

// openVault loads the keyring, or makes one when create is set; a new one is not
// written yet.
func (a *App) openVault(create bool) (made *vault.Keyring, err error) {
	keys, err := vault.Load(a.Config.Secrets)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, ErrNoSecrets
		}
		keys, err = vault.Generate(), nil
		made = &keys
	}
	if err != nil {
		return nil, err
	}
	a.Vault, err = vault.New(keys)
	return made, err
}

// sameKeyring refuses a keyring that is not the one the database was set up
// with. A migrated database without a mark is of a time before there were marks.
func sameKeyring(ctx context.Context, c Config, d *db.DB, v *vault.Vault) error {
	mark, ok, err := d.Setting(ctx, keyringMark)
	if err != nil {
		return err
	}
	if ok && mark != markOf(v) {
		return fault.New(fault.Conflict, "app.other_secrets", fault.With("Secrets", c.Secrets), fault.With("Database", redact(c.Database)))
	}
	return nil
}

// markKeyring writes down which keyring the database belongs to, once.
func (a *App) markKeyring(ctx context.Context) error {
	_, err := a.DB.Writer(ctx).NewRaw("INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
		keyringMark, markOf(a.Vault), a.Clock.Now()).Exec(ctx)
	if err != nil {
		return db.Fault(err)
	}
	return sameKeyring(ctx, a.Config, a.DB, a.Vault) // somebody else may have been quicker
}
