package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// Action is what was done: room.verb, or flow.event for a step of a procedure. It
// is a constant of the room that records it, so that a law test finds them all;
// only casework makes one up, of a flow and its event. Its text for people is
// "audit.action." + Action, for a step that of the flow.
type Action string

// Entry is one thing done. Actor, request and time are not the caller's to say:
// they come from the context and the clock.
type Entry struct {
	CityCode    string // custody of the record touched
	OrgPath     string // the unit that keeps it: whose part of the log this is; empty when no unit does
	Action      Action
	SubjectKind string // person, company, batch, a flow's name …
	SubjectID   string
	PersonID    string // whose data was touched; empty when nobody's
	Purpose     string // why it was looked at
	Detail      string // short text or JSON; personal numbers in it are masked before it is stored
}

// Stored is an entry as it was written.
type Stored struct {
	Entry
	ID        string
	At        time.Time
	ActorID   string
	ActorName string
	RequestID string
	Seq       int64 // 0 until sealed
}

type row struct {
	bun.BaseModel `bun:"table:audit_entries,alias:a"`

	CityCode    string    `bun:"city_code,pk"`
	ID          string    `bun:"id,pk"`
	OrgPath     string    `bun:"org_path"`
	At          time.Time `bun:"at"`
	ActorID     string    `bun:"actor_id"`
	ActorName   string    `bun:"actor_name"`
	Action      Action    `bun:"action"`
	SubjectKind string    `bun:"subject_kind"`
	SubjectID   string    `bun:"subject_id"`
	PersonID    string    `bun:"person_id"`
	Purpose     string    `bun:"purpose"`
	Detail      string    `bun:"detail"`
	RequestID   string    `bun:"request_id"`
	Digest      string    `bun:"digest"`
	Seq         int64     `bun:"seq,nullzero"`
	Chain       string    `bun:"chain"`
}

func (r *row) stored() Stored {
	return Stored{
		Entry: Entry{
			CityCode: r.CityCode, OrgPath: r.OrgPath, Action: r.Action, SubjectKind: r.SubjectKind, SubjectID: r.SubjectID,
			PersonID: r.PersonID, Purpose: r.Purpose, Detail: r.Detail,
		},
		ID: r.ID, At: r.At.UTC(), ActorID: r.ActorID, ActorName: r.ActorName, RequestID: r.RequestID, Seq: r.Seq,
	}
}

// digest is SHA-256 over the canonical form: the form's number, then each field
// with its length in front, so that no two entries share a form. The order of a
// form is fixed for ever; a new field means a new number. Form 1 has no unit, form
// 2 has one: an entry whose unit was taken away or added later is of neither.
func (r *row) digest() string {
	h := sha256.New()
	fields := []string{r.ActorID, r.ActorName, string(r.Action), r.SubjectKind, r.SubjectID, r.PersonID, r.Purpose, r.Detail, r.RequestID}
	if r.OrgPath == "" {
		h.Write([]byte{1})
	} else {
		h.Write([]byte{2})
		fields = append(fields, r.OrgPath)
	}
	var n [8]byte
	field := func(s string) {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	field(r.CityCode)
	field(r.ID)
	binary.BigEndian.PutUint64(n[:], uint64(r.At.UnixMicro()))
	h.Write(n[:])
	for _, s := range fields {
		field(s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

type actorKey struct{}

type actor struct{ id, name string }

// WithActor says who acts in this context. access.Enter calls it; nothing else should.
func WithActor(ctx context.Context, id, name string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor{id, name})
}

// actorFrom finds who acts. Work of the house itself is named by the reason of
// its scope; a visitor who has not signed in has no id and no name.
func actorFrom(ctx context.Context) actor {
	if a, ok := ctx.Value(actorKey{}).(actor); ok {
		return a
	}
	if s, err := db.ScopeFrom(ctx); err == nil && s.System != "" {
		return actor{"system", s.System}
	}
	return actor{}
}

// Log is the audit log of the house.
type Log struct {
	db    *db.DB
	clock clock.Clock
}

// New makes the log on a database.
func New(d *db.DB, c clock.Clock) *Log { return &Log{db: d, clock: c} }

// Record writes one entry, in the transaction in ctx where there is one. Fault:
// internal audit.incomplete for an entry without city, action or subject.
func (l *Log) Record(ctx context.Context, e Entry) error {
	return l.RecordMany(ctx, []Entry{e})
}

// RecordID is Record and gives the entry's id.
func (l *Log) RecordID(ctx context.Context, e Entry) (string, error) {
	rows, err := l.rows(ctx, []Entry{e})
	if err != nil {
		return "", err
	}
	_, err = l.db.Writer(ctx).NewInsert().Model(&rows[0]).Exec(ctx)
	return rows[0].ID, db.Fault(err)
}

// insertChunk keeps one statement well below the databases' limit of one million bytes.
const insertChunk = 500

// RecordMany writes entries of a bulk change with few statements; all or none.
func (l *Log) RecordMany(ctx context.Context, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	rows, err := l.rows(ctx, entries)
	if err != nil {
		return err
	}
	insert := func(ctx context.Context) error {
		for from := 0; from < len(rows); from += insertChunk {
			part := rows[from:min(from+insertChunk, len(rows))]
			if _, err := l.db.Writer(ctx).NewInsert().Model(&part).Exec(ctx); err != nil {
				return db.Fault(err)
			}
		}
		return nil
	}
	if len(rows) <= insertChunk {
		return insert(ctx) // one statement needs no transaction of its own
	}
	return l.db.InTx(ctx, insert)
}

// rows makes entries into what is stored.
func (l *Log) rows(ctx context.Context, entries []Entry) ([]row, error) {
	who, request, now := actorFrom(ctx), telemetry.RequestID(ctx), l.clock.Now().Truncate(time.Microsecond)
	rows := make([]row, len(entries))
	for i, e := range entries {
		if e.CityCode == "" || e.Action == "" || e.SubjectKind == "" || e.SubjectID == "" {
			f := fault.New(fault.Internal, "audit.incomplete")
			f.Key = "fault.internal"
			return nil, f
		}
		r := row{
			CityCode: e.CityCode, ID: id.New(), OrgPath: e.OrgPath, At: now, ActorID: who.id, ActorName: who.name,
			Action: e.Action, SubjectKind: e.SubjectKind, SubjectID: e.SubjectID, PersonID: e.PersonID,
			Purpose: telemetry.Redact(e.Purpose), Detail: telemetry.Redact(e.Detail), RequestID: request,
		}
		r.Digest = r.digest()
		rows[i] = r
	}
	return rows, nil
}
