package app

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Config is everything an operator may set: by the file gonghui.toml in the
// data folder, then by environment variables, then by flags, the later ones
// going first.
type Config struct {
	DataDir  string `toml:"-"`        // folder of database, secrets, files, outbox
	Database string `toml:"database"` // path or postgres://…; "" = DATA/gonghui.db
	Addr     string `toml:"addr"`     // host:port to listen on
	BaseURL  string `toml:"base_url"` // https://… as people see it, for links in texts
	Secrets  string `toml:"secrets"`  // keyring file; "" = DATA/secrets.json
	Blobs    string `toml:"blobs"`    // folder or bucket address; "" = DATA/blobs
	LogLevel string `toml:"log_level"`
	MaxConns int    `toml:"max_conns"` // PostgreSQL pool
	// TrustedProxies are the addresses and networks of proxies whose
	// X-Forwarded-For is believed; limits by address then count each visitor.
	TrustedProxies []string `toml:"trusted_proxies"`
}

// EnvPrefix begins the names of all environment variables.
const EnvPrefix = "GONGHUI_"

// LoadConfig reads the file in dir, if there is one, and the environment.
func LoadConfig(dir string, env func(string) string) (Config, error) {
	if dir == "" {
		dir = env(EnvPrefix + "DATA")
	}
	if dir == "" {
		dir = "data"
	}
	c := Config{Addr: "127.0.0.1:8080", LogLevel: "info"}
	file := filepath.Join(dir, "gonghui.toml")
	meta, err := toml.DecodeFile(file, &c)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("read %s: %w", file, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return c, fmt.Errorf("%s: unknown setting %q", file, unknown[0].String())
	}
	c.DataDir = dir
	for name, to := range map[string]*string{
		"DATABASE": &c.Database, "ADDR": &c.Addr, "BASE_URL": &c.BaseURL, "SECRETS_FILE": &c.Secrets, "BLOBS": &c.Blobs, "LOG_LEVEL": &c.LogLevel,
	} {
		if v := env(EnvPrefix + name); v != "" {
			*to = v
		}
	}
	if v := env(EnvPrefix + "MAX_CONNS"); v != "" {
		if c.MaxConns, err = strconv.Atoi(v); err != nil {
			return c, fmt.Errorf("%sMAX_CONNS: %w", EnvPrefix, err)
		}
	}
	if v := env(EnvPrefix + "TRUSTED_PROXIES"); v != "" {
		c.TrustedProxies = strings.Split(v, ",")
	}
	return c.complete()
}

func (c Config) complete() (Config, error) {
	if c.Database == "" {
		c.Database = filepath.Join(c.DataDir, "gonghui.db")
	}
	if c.Secrets == "" {
		c.Secrets = filepath.Join(c.DataDir, "secrets.json")
	}
	if c.Blobs == "" {
		c.Blobs = filepath.Join(c.DataDir, "blobs")
	}
	if _, err := c.Level(); err != nil {
		return c, err
	}
	_, err := c.Proxies()
	return c, err
}

// Proxies gives the trusted proxies as networks.
func (c Config) Proxies() ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(c.TrustedProxies))
	for _, text := range c.TrustedProxies {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil || a.Zone() != "" {
				return nil, fmt.Errorf("trusted_proxies: %q is no address and no network such as 10.1.0.0/16", text)
			}
			p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Level is the log level.
func (c Config) Level() (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return l, fmt.Errorf("log_level: %w", err)
	}
	return l, nil
}

// TLS tells whether people reach the site by https.
func (c Config) TLS() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// Postgres tells which database is meant.
func (c Config) Postgres() bool {
	return strings.HasPrefix(c.Database, "postgres://") || strings.HasPrefix(c.Database, "postgresql://")
}

// Redacted lists the settings for doctor, without passwords.
func (c Config) Redacted() [][2]string {
	return [][2]string{
		{"data", c.DataDir}, {"database", redact(c.Database)}, {"addr", c.Addr}, {"base_url", c.BaseURL},
		{"secrets", c.Secrets}, {"blobs", redact(c.Blobs)}, {"log_level", c.LogLevel}, {"max_conns", strconv.Itoa(c.MaxConns)},
		{"trusted_proxies", strings.Join(c.TrustedProxies, ", ")},
	}
}

func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(not an address)"
	}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), "xxxxx")
		}
		q := u.Query()
		if q.Has("password") {
			q.Set("password", "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.String()
}

// prepare makes the data folder, closed to others.
func (c Config) prepare() error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return nil
}
