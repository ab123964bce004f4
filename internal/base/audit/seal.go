package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

type head struct {
	bun.BaseModel `bun:"table:audit_heads,alias:h"`

	CityCode string    `bun:"city_code,pk"`
	Seq      int64     `bun:"seq"`
	Chain    string    `bun:"chain"`
	SealedAt time.Time `bun:"sealed_at"`
}

// Head is the end of one city's chain. Kept outside the database it proves that
// the chain up to it has not been rewritten.
type Head struct {
	CityCode string
	Seq      int64
	Chain    string
	SealedAt time.Time
}

// genesis is what a city's first entry is chained to.
func genesis(city string) string {
	sum := sha256.Sum256([]byte("audit chain of " + city))
	return hex.EncodeToString(sum[:])
}

func link(before, digest string) string {
	sum := sha256.Sum256([]byte(before + digest))
	return hex.EncodeToString(sum[:])
}

// sealBatch is how many entries one transaction seals: short, because on
// SQLite everybody's writes wait for it.
const sealBatch = 500

var errOtherSealer = errors.New("another sealer was faster")

// Seal chains all entries that are not sealed yet, city by city, in the order of
// their ids, and tells how many. Two sealers at once do no harm: the one that
// comes second to a city leaves it to the first.
func (l *Log) Seal(ctx context.Context) (int, error) {
	cities, err := l.cities(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, city := range cities {
		// Looked up with the readers: a city at rest costs the writers nothing.
		open, err := l.db.Reader(ctx).NewSelect().TableExpr("audit_entries").
			Where("city_code = ?", city).Where("seq IS NULL").Exists(ctx)
		if err != nil {
			return total, db.Fault(err)
		}
		if !open {
			continue
		}
		after := ""
		for {
			n, last, err := l.sealSome(ctx, city, after)
			if errors.Is(err, errOtherSealer) {
				break
			}
			if err != nil {
				return total, err
			}
			total += n
			if n < sealBatch {
				break
			}
			after = last
		}
	}
	return total, nil
}

// cities lists the cities that have entries, by jumping from one to the next in
// the index: a DISTINCT would read all entries.
func (l *Log) cities(ctx context.Context) ([]string, error) {
	var all []string
	last := ""
	for {
		var next *string
		err := l.db.Reader(ctx).NewSelect().TableExpr("audit_entries").ColumnExpr("min(city_code)").
			Where("city_code > ?", last).Scan(ctx, &next)
		if err != nil {
			return nil, db.Fault(err)
		}
		if next == nil {
			return all, nil
		}
		all, last = append(all, *next), *next
	}
}

func (l *Log) sealSome(ctx context.Context, city, after string) (n int, last string, err error) {
	err = l.db.InTx(ctx, func(ctx context.Context) error {
		var rows []row
		q := l.db.Reader(ctx).NewSelect().Model(&rows).Column("id", "digest").
			Where("city_code = ?", city).Where("seq IS NULL").OrderExpr("id").Limit(sealBatch)
		if after != "" {
			q = q.Where("id > ?", after) // from here on the primary key leads to the next
		}
		if err := q.Scan(ctx); err != nil {
			return db.Fault(err)
		}
		if len(rows) == 0 {
			return nil
		}
		h, err := l.headOf(ctx, city)
		if err != nil {
			return err
		}
		old := h
		values := make([]sealed, len(rows))
		for i, r := range rows {
			h.Seq++
			h.Chain = link(h.Chain, r.Digest)
			values[i] = sealed{ID: r.ID, Seq: h.Seq, Chain: h.Chain}
		}
		if err := l.moveHead(ctx, old, h); err != nil {
			return err
		}
		res, err := l.db.Writer(ctx).NewUpdate().With("v", l.db.Writer(ctx).NewValues(&values)).
			TableExpr("audit_entries AS a").TableExpr("v").Set("seq = v.seq").Set("chain = v.chain").
			Where("a.city_code = ?", city).Where("a.id = v.id").Where("a.seq IS NULL").Exec(ctx)
		if err != nil {
			return db.Fault(err)
		}
		if done, err := res.RowsAffected(); err != nil || int(done) != len(rows) {
			return errors.Join(errOtherSealer, err)
		}
		n, last = len(rows), rows[len(rows)-1].ID
		return nil
	})
	return n, last, err
}

type sealed struct {
	ID    string `bun:"id"`
	Seq   int64  `bun:"seq"`
	Chain string `bun:"chain"`
}

func (l *Log) headOf(ctx context.Context, city string) (head, error) {
	h := head{CityCode: city, Chain: genesis(city)}
	err := l.db.Reader(ctx).NewSelect().Model(&h).WherePK().Scan(ctx)
	if err = db.Fault(err); err != nil && !fault.IsKind(err, fault.NotFound) {
		return h, err
	}
	return h, nil
}

// moveHead is the conditional update that lets one of two sealers win.
func (l *Log) moveHead(ctx context.Context, old, h head) error {
	h.SealedAt = l.clock.Now()
	if old.Seq == 0 {
		res, err := l.db.Writer(ctx).NewInsert().Model(&h).On("CONFLICT (city_code) DO NOTHING").Exec(ctx)
		return db.Affected(res, err, errOtherSealer)
	}
	res, err := l.db.Writer(ctx).NewUpdate().Model(&h).Column("seq", "chain", "sealed_at").
		WherePK().Where("seq = ?", old.Seq).Where("chain = ?", old.Chain).Exec(ctx)
	return db.Affected(res, err, errOtherSealer)
}

// Heads gives the end of every city's chain, to be kept outside the database.
func (l *Log) Heads(ctx context.Context) ([]Head, error) {
	var rows []head
	if err := l.db.Reader(ctx).NewSelect().Model(&rows).OrderExpr("city_code").Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Head, len(rows))
	for i, h := range rows {
		out[i] = Head{h.CityCode, h.Seq, h.Chain, h.SealedAt.UTC()}
	}
	return out, nil
}
