package audit

import (
	"context"
	"encoding/json"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

// What Verify can find.
const (
	Changed   = "changed"   // the entry is not what was written
	Missing   = "missing"   // entries of the chain are gone
	Unchained = "unchained" // an entry does not follow the one before it: moved, swapped or put in
	BadHead   = "head"      // the chain does not end where its head says
)

// Problem is one thing that Verify found.
type Problem struct {
	What     string
	CityCode string
	Seq      int64  // 0 for an entry that is not sealed
	ID       string // empty for what is missing
}

// Report is what Verify saw.
type Report struct {
	Sealed, Unsealed int64
	Problems         []Problem // at most maxProblems
	More             int       // problems beyond them
}

const maxProblems = 100

// OK tells whether nothing was found.
func (r Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(what, city string, seq int64, id string) {
	if len(r.Problems) == maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{what, city, seq, id})
}

// readBatch bounds the memory of a verification, however long the chain.
const readBatch = 1000

// Verdict is what the last Verify found. It is kept where whoever can rewrite the
// log could rewrite it too, so it tells people that somebody looks; the proof are
// heads kept elsewhere.
type Verdict struct {
	At       time.Time `json:"at"` // entries before it were looked at
	Sealed   int64     `json:"sealed"`
	Problems int       `json:"problems"`
}

// verdictSetting is the row of settings that keeps the verdict.
const verdictSetting = "audit.verified"

// LastVerdict gives what the last Verify found; false before the first.
func (l *Log) LastVerdict(ctx context.Context) (Verdict, bool, error) {
	var v Verdict
	text, ok, err := l.db.Setting(ctx, verdictSetting)
	if err != nil || !ok {
		return v, false, err
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, false, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return v, true, nil
}

// Verify walks every chain from its beginning, says where it is broken, and keeps
// the verdict. It may run while entries are written and sealed.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	at := l.clock.Now()
	rep, err := l.verify(ctx)
	if err != nil {
		return rep, err
	}
	text, err := json.Marshal(Verdict{At: at, Sealed: rep.Sealed, Problems: len(rep.Problems) + rep.More})
	if err != nil {
		return rep, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return rep, l.db.PutSetting(ctx, verdictSetting, string(text), at)
}

func (l *Log) verify(ctx context.Context) (Report, error) {
	var rep Report
	cities, err := l.cities(ctx)
	if err != nil {
		return rep, err
	}
	heads, err := l.Heads(ctx)
	if err != nil {
		return rep, err
	}
	known := map[string]bool{}
	for _, c := range cities {
		known[c] = true
	}
	for _, h := range heads {
		if !known[h.CityCode] { // a head without a single entry: all are gone
			rep.add(Missing, h.CityCode, 1, "")
		}
	}
	for _, city := range cities {
		if err := l.verifyCity(ctx, city, &rep); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

func (l *Log) verifyCity(ctx context.Context, city string, rep *Report) error {
	h, err := l.headOf(ctx, city)
	if err != nil {
		return err
	}
	chain, seq := genesis(city), int64(0)
	for {
		var rows []row
		err := l.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ?", city).
			Where("seq > ?", seq).Where("seq <= ?", h.Seq).OrderExpr("seq").Limit(readBatch).Scan(ctx)
		if err != nil {
			return db.Fault(err)
		}
		for i := range rows {
			r := &rows[i]
			switch {
			case r.Seq > seq+1:
				rep.add(Missing, city, seq+1, "")
			case r.Seq == seq: // two entries in one place
				rep.add(Unchained, city, r.Seq, r.ID)
			case r.digest() != r.Digest:
				rep.add(Changed, city, r.Seq, r.ID)
			case link(chain, r.Digest) != r.Chain:
				rep.add(Unchained, city, r.Seq, r.ID)
			}
			chain, seq = r.Chain, r.Seq // go on from here: one fault is told once
			rep.Sealed++
		}
		if len(rows) < readBatch {
			break
		}
	}
	switch {
	case seq < h.Seq:
		rep.add(Missing, city, seq+1, "")
	case h.Seq > 0 && chain != h.Chain:
		rep.add(BadHead, city, h.Seq, "")
	}
	if err := l.beyondHead(ctx, city, rep); err != nil {
		return err
	}
	return l.verifyUnsealed(ctx, city, rep)
}

// beyondHead finds sealed entries behind the end of the chain. One statement
// sees one moment, so a sealer at work does not look like a forger.
func (l *Log) beyondHead(ctx context.Context, city string, rep *Report) error {
	var last, headSeq int64
	err := l.db.Reader(ctx).NewRaw(`SELECT coalesce((SELECT max(seq) FROM audit_entries WHERE city_code = ?), 0),
		coalesce((SELECT seq FROM audit_heads WHERE city_code = ?), 0)`, city, city).Scan(ctx, &last, &headSeq)
	if err != nil {
		return db.Fault(err)
	}
	if last > headSeq {
		rep.add(BadHead, city, last, "")
	}
	return nil
}

func (l *Log) verifyUnsealed(ctx context.Context, city string, rep *Report) error {
	after := ""
	for {
		var rows []row
		q := l.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ?", city).Where("seq IS NULL").
			OrderExpr("id").Limit(readBatch)
		if after != "" {
			q = q.Where("id > ?", after)
		}
		if err := q.Scan(ctx); err != nil {
			return db.Fault(err)
		}
		for i := range rows {
			if rows[i].digest() != rows[i].Digest {
				rep.add(Changed, city, 0, rows[i].ID)
			}
			rep.Unsealed++
		}
		if len(rows) < readBatch {
			return nil
		}
		after = rows[len(rows)-1].ID
	}
}
