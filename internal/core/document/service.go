package document

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// Faults of documents.
var (
	ErrNotFound = fault.New(fault.NotFound, "document.not_found")
	ErrType     = fault.New(fault.Invalid, "document.type", fault.OnField("file", "file_type"))
	ErrFormula  = fault.New(fault.Invalid, "document.formula", fault.OnField("file", "file_type"))
	ErrTooMany  = fault.New(fault.Conflict, "document.too_many", fault.With("Max", MaxPerOwner))
)

// Deps is what the service works with.
type Deps struct {
	DB    *db.DB
	Blob  *blob.Store
	Clock clock.Clock
	Audit *audit.Log
}

// Service keeps documents. It is safe for concurrent use.
type Service struct {
	Deps
}

// New gives the service.
func New(d Deps) *Service { return &Service{d} }

// head is how much of a file is read to tell its type, in bytes.
const head = 3072

// Attach keeps a file for a record. The viewer's scope must cover the owner;
// whether he may add to it is the caller's to check. Faults: document.not_found
// (an owner out of scope), document.type, document.formula, document.name,
// document.too_many, blob.too_large, blob.empty, blob.unreadable.
func (s *Service) Attach(ctx context.Context, owner Owner, name string, r io.Reader) (Document, error) {
	if err := s.mayTouch(ctx, owner); err != nil {
		return Document{}, err
	}
	if err := s.room(ctx, owner); err != nil { // before megabytes are read
		return Document{}, err
	}
	buffered := bufio.NewReaderSize(r, head)
	first, err := buffered.Peek(head)
	if len(first) == 0 && errors.Is(err, io.EOF) {
		return Document{}, fault.New(fault.Invalid, "blob.empty")
	}
	t, ok := sniff(first, name)
	if !ok {
		return Document{}, ErrType
	}
	shown, err := shownName(name, t)
	if err != nil {
		return Document{}, err
	}
	var source io.Reader = buffered
	var guard *tableGuard
	if t.Media == csv {
		guard = &tableGuard{r: buffered}
		source = guard
	}
	ref, err := s.Blob.Put(ctx, source, MaxSize)
	if guard != nil && guard.stopped != nil {
		return Document{}, ErrFormula
	}
	if err != nil {
		return Document{}, err
	}
	d := Document{
		Owner: owner, ID: id.New(), Name: shown, MediaType: t.Media, Size: ref.Size, SHA256: ref.SHA256,
		CreatedBy: actorID(ctx), CreatedAt: s.Clock.Now(),
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.room(ctx, owner); err != nil {
			return err
		}
		if _, err := s.DB.Writer(ctx).NewInsert().Model(rowOf(d)).Exec(ctx); err != nil {
			return db.Fault(err)
		}
		return s.record(ctx, d, "document.attached")
	})
	if err != nil {
		return Document{}, err
	}
	return d, nil
}

func actorID(ctx context.Context) string {
	a, _ := access.From(ctx)
	return a.AccountID
}

// mayTouch tells whether the scope covers a record.
func (s *Service) mayTouch(ctx context.Context, o Owner) error {
	sc, err := db.ScopeFrom(ctx)
	if err != nil {
		return err
	}
	for _, part := range []string{o.City, o.SubjectKind, o.SubjectID, o.OrgPath} {
		if part == "" || !db.Possible(part) {
			return ErrNotFound
		}
	}
	if sc.Covers(o.OrgPath) || o.PersonID != "" && o.PersonID == sc.PersonID || o.CompanyID != "" && slices.Contains(sc.Companies, o.CompanyID) {
		return nil
	}
	return ErrNotFound
}

// room tells whether the record may have one more document.
func (s *Service) room(ctx context.Context, o Owner) error {
	n, err := s.DB.Reader(ctx).NewSelect().Model((*row)(nil)).
		Where("city_code = ? AND subject_id = ? AND subject_kind = ?", o.City, o.SubjectID, o.SubjectKind).Count(ctx)
	if err != nil {
		return db.Fault(err)
	}
	if n >= MaxPerOwner {
		return ErrTooMany
	}
	return nil
}

// Get gives a document in scope; otherwise document.not_found.
func (s *Service) Get(ctx context.Context, city, documentID string) (Document, error) {
	if !db.Possible(city, documentID) {
		return Document{}, ErrNotFound
	}
	r := new(row)
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model(r).Where("d.city_code = ? AND d.id = ?", city, documentID), scoped)
	if err != nil {
		return Document{}, err
	}
	if err := db.Found(q.Scan(ctx), ErrNotFound); err != nil {
		return Document{}, err
	}
	return r.document(), nil
}

// Open gives a document in scope with its bytes, which the caller closes. A page
// sends it as an attachment of the type told, never for the browser to guess.
// Opening a file about a person is audited. Faults: document.not_found,
// blob.missing.
func (s *Service) Open(ctx context.Context, city, documentID string) (Document, io.ReadCloser, error) {
	d, err := s.Get(ctx, city, documentID)
	if err != nil {
		return Document{}, nil, err
	}
	body, err := s.Blob.Get(ctx, d.SHA256)
	if err != nil {
		return Document{}, nil, err
	}
	if d.PersonID != "" {
		if err := s.record(ctx, d, "document.opened"); err != nil {
			return Document{}, nil, errors.Join(err, body.Close())
		}
	}
	return d, body, nil
}

// List gives the documents of a record that are in scope, the oldest first.
func (s *Service) List(ctx context.Context, city, subjectKind, subjectID string) ([]Document, error) {
	if !db.Possible(city, subjectKind, subjectID) {
		return nil, ErrNotFound
	}
	var rows []*row
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model(&rows).
		Where("d.city_code = ? AND d.subject_id = ? AND d.subject_kind = ?", city, subjectID, subjectKind), scoped)
	if err != nil {
		return nil, err
	}
	if err := q.OrderExpr("d.created_at, d.id").Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Document, len(rows))
	for i, r := range rows {
		out[i] = r.document()
	}
	return out, nil
}

func (s *Service) record(ctx context.Context, d Document, action audit.Action) error {
	a, _ := access.From(ctx)
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: d.City, OrgPath: d.OrgPath, Action: action, SubjectKind: d.SubjectKind, SubjectID: d.SubjectID,
		PersonID: d.PersonID, Purpose: a.Purpose, Detail: d.ID,
	})
}

// scoped says which columns carry the scope of documents.
var scoped = db.Columns{Path: "d.org_path", Person: "d.person_id", Company: "d.company_id"}

type row struct {
	bun.BaseModel `bun:"table:documents,alias:d"`

	CityCode    string `bun:",pk"`
	ID          string `bun:",pk"`
	OrgPath     string
	SubjectKind string
	SubjectID   string
	PersonID    string
	CompanyID   string
	Name        string
	MediaType   string
	Size        int64
	SHA256      string `bun:"sha256"`
	CreatedBy   string
	CreatedAt   time.Time
}

func rowOf(d Document) *row {
	return &row{
		bun.BaseModel{}, d.City, d.ID, d.OrgPath, d.SubjectKind, d.SubjectID, d.PersonID, d.CompanyID,
		d.Name, d.MediaType, d.Size, d.SHA256, d.CreatedBy, d.CreatedAt,
	}
}

func (r *row) document() Document {
	return Document{
		Owner{r.CityCode, r.SubjectKind, r.SubjectID, r.OrgPath, r.PersonID, r.CompanyID},
		r.ID, r.Name, r.MediaType, r.Size, r.SHA256, r.CreatedBy, r.CreatedAt.UTC(),
	}
}
