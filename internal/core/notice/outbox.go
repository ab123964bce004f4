package notice

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gonghui/internal/kit/clock"
)

// rememberedKeys is how many of the newest messages an outbox recognises when
// they are sent again. A job is tried again within minutes, so this is ample.
const rememberedKeys = 100_000

// Outbox is the gateway of an installation without one: it writes each message
// as one line of JSON into outbox/sms.jsonl. The file holds numbers and codes
// as they are; only its owner may read it.
type Outbox struct {
	path  string
	clock clock.Clock

	mu    sync.Mutex
	file  *os.File
	keys  map[string]bool
	order []string // keys, oldest first
}

// Sent is one line of the outbox.
type Sent struct {
	At   time.Time `json:"at"`
	To   string    `json:"to"`
	Text string    `json:"text"`
	Key  string    `json:"key"`
}

// OpenOutbox opens or creates the outbox below a data folder.
func OpenOutbox(dir string, c clock.Clock) (*Outbox, error) {
	o := &Outbox{path: filepath.Join(dir, "outbox", "sms.jsonl"), clock: c, keys: map[string]bool{}}
	if err := os.MkdirAll(filepath.Dir(o.path), 0o700); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	sent, err := ReadOutbox(dir)
	if err != nil {
		return nil, err
	}
	for _, s := range sent {
		o.remember(s.Key)
	}
	if o.file, err = os.OpenFile(o.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	if err := o.endLine(); err != nil {
		return nil, errors.Join(err, o.file.Close())
	}
	return o, nil
}

// endLine ends a line that a power cut left half written, so that the next
// message does not grow onto it.
func (o *Outbox) endLine() error {
	info, err := o.file.Stat()
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if info.Size() == 0 {
		return nil
	}
	last := make([]byte, 1)
	if _, err := o.file.ReadAt(last, info.Size()-1); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if last[0] == '\n' {
		return nil
	}
	_, err = o.file.Write([]byte("\n"))
	return err
}

func (o *Outbox) remember(key string) {
	if key == "" || o.keys[key] {
		return
	}
	o.keys[key] = true
	if o.order = append(o.order, key); len(o.order) > rememberedKeys {
		delete(o.keys, o.order[0])
		o.order = o.order[1:]
	}
}

// Path says where the messages are.
func (o *Outbox) Path() string { return o.path }

// Send writes the message down, on the disk before it returns.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	line, err := json.Marshal(Sent{At: o.clock.Now(), To: m.To, Text: m.Text, Key: m.Key})
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keys[m.Key] {
		return nil
	}
	if _, err := o.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if err := o.file.Sync(); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	o.remember(m.Key)
	return nil
}

// Close closes the file.
func (o *Outbox) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.file.Close()
}

// ReadOutbox gives the messages of the outbox below a data folder, oldest first;
// none when there is no outbox yet. A line cut off by a crash is passed over.
func ReadOutbox(dir string) ([]Sent, error) {
	f, err := os.Open(filepath.Join(dir, "outbox", "sms.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return []Sent{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	defer func() { _ = f.Close() }()
	out := []Sent{}
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		var s Sent
		if len(line) > 0 && json.Unmarshal(line, &s) == nil && s.Key != "" {
			out = append(out, s)
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
	}
}
