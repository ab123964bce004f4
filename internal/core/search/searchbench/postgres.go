package searchbench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"gonghui/internal/core/search"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/hanzi"
)

// rival is the same corpus in PostgreSQL, as well as its ordinary means allow:
// a tsvector of the same terms with weights and a GIN index, B-trees for the
// facets, GIN for those with several values, everything analysed and warm.
type rival struct {
	db   *pgx.Conn
	docs corpus
}

// postgres loads n documents and asks the same mix of questions.
func postgres(ctx context.Context, w io.Writer, n int, docs corpus, x *search.Index, o Options, print func(string, float64, string)) error {
	db, err := pgx.Connect(ctx, o.PostgresDSN)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer db.Close(ctx)
	c := clock.System()
	rv := &rival{db: db, docs: docs}
	start := c.Now()
	if err := rv.load(ctx, n); err != nil {
		return fmt.Errorf("load PostgreSQL: %w", err)
	}
	print("postgres.build", c.Now().Sub(start).Seconds(), "s")
	rounds := max(2, min(20, 2_000_000/n))
	ours, theirs := newTimes(), newTimes()
	r := rand.New(rand.NewPCG(9, uint64(n)))
	for round := range rounds + 1 {
		for _, q := range questions(r) {
			start := c.Now()
			want, err := x.Search(q.q)
			if err != nil {
				return err
			}
			mine := c.Now().Sub(start)
			start = c.Now()
			total, err := rv.ask(ctx, q.q)
			if err != nil {
				return fmt.Errorf("ask PostgreSQL %q: %w", q.name, err)
			}
			if round == 0 {
				continue // warm
			}
			ours.add(q.name, mine)
			theirs.add(q.name, c.Now().Sub(start))
			// Both must have done the same work; a phrase is kept within one
			// field only here, so the other may find a little more.
			if d := total - want.Total; d < -want.Total/50-2 || d > want.Total/20+20 {
				return fmt.Errorf("%q %+v: %d here, %d in PostgreSQL", q.name, q.q, want.Total, total)
			}
		}
	}
	if o.Detail {
		theirs.print(w, "postgres", n)
	}
	p50, p99 := theirs.quantile(0.5), theirs.quantile(0.99)
	print("postgres.p50", ms(p50), "ms")
	print("postgres.p99", ms(p99), "ms")
	print("ratio.p50", ms(p50)/ms(ours.quantile(0.5)), "x")
	print("ratio.p99", ms(p99)/ms(ours.quantile(0.99)), "x")
	worst := 0.0
	for k := range theirs.byKind {
		if x := ms(quantile(theirs.byKind[k], 0.5)) / ms(quantile(ours.byKind[k], 0.5)); worst == 0 || x < worst {
			worst = x
		}
	}
	print("ratio.least_by_kind", worst, "x")
	return nil
}

// The single-valued facets, as columns.
var columns = []string{"county", "city", "occupation", "trade", "education", "pay", "hours"}

func (v *rival) load(ctx context.Context, n int) error {
	if _, err := v.db.Exec(ctx, `SET maintenance_work_mem = '512MB'; SET synchronous_commit = off; SET jit = off;
		DROP TABLE IF EXISTS ads;
		CREATE UNLOGGED TABLE ads (id text, words tsvector, county text, city text, occupation text, trade text,
			education text, pay text, hours text, groups text[], benefits text[],
			published int, pay_max int, x real, y real, z real)`); err != nil {
		return err
	}
	pr, pw := io.Pipe()
	go func() {
		b := bufio.NewWriterSize(pw, 1<<20)
		for d := range v.docs.all(n) {
			v.row(b, d)
		}
		pw.CloseWithError(b.Flush())
	}()
	if _, err := v.db.PgConn().CopyFrom(ctx, pr, "COPY ads FROM STDIN"); err != nil {
		return err
	}
	sql := "CREATE INDEX ON ads USING gin (words); CREATE INDEX ON ads USING gin (groups); CREATE INDEX ON ads USING gin (benefits); CREATE INDEX ON ads (published DESC, id); CREATE INDEX ON ads (pay_max DESC, id);"
	for _, c := range columns {
		sql += "CREATE INDEX ON ads (" + c + ");"
	}
	if _, err := v.db.Exec(ctx, sql); err != nil {
		return err
	}
	_, err := v.db.Exec(ctx, "VACUUM ANALYZE ads")
	return err
}

// row writes a document in the format of COPY; no value here needs escaping.
func (v *rival) row(b *bufio.Writer, d search.Doc) {
	weight := map[string]byte{}
	for f, text := range d.Text {
		for _, t := range hanzi.Tokens(text) {
			if _, ok := weight[t]; !ok {
				weight[t] = "ABD"[f]
			}
		}
	}
	b.WriteString(d.ID)
	b.WriteByte('\t')
	i := 0
	for t, k := range weight {
		if i++; i > 1 {
			b.WriteByte(' ')
		}
		b.WriteString("'" + t + "':1" + string(k))
	}
	county, leaf := d.Facets[placeFacet][0], d.Facets[occupationFacet][0]
	for _, s := range []string{county, county[:4], leaf, leaf[:4], d.Facets[educationFacet][0], d.Facets[payFacet][0], d.Facets[hoursFacet][0],
		"{" + strings.Join(d.Facets[groupFacet], ",") + "}", "{" + strings.Join(d.Facets[benefitFacet], ",") + "}"} {
		b.WriteByte('\t')
		b.WriteString(s)
	}
	pay := `\N`
	if d.Numbers[2] != search.None {
		pay = strconv.FormatInt(d.Numbers[2], 10)
	}
	x, y, z := sphere(*d.Point)
	fmt.Fprintf(b, "\t%d\t%s\t%g\t%g\t%g\n", d.Numbers[0], pay, x, y, z)
}

// ask does what Search does: the first page, the total and every facet's
// counts, a facet's own filter left out of them.
func (v *rival) ask(ctx context.Context, q search.Query) (int, error) {
	always := []string{"true"} // words, ranges, radius
	rank := ""
	if text := tsquery(q.Text); text != "" {
		query := quote(text) + "::tsquery"
		word := "words @@ " + query
		if code := synonymTrade(q.Text); code != "" {
			word = "(" + word + " OR trade = " + quote(code) + ")"
		}
		always = append(always, word)
		rank = "ts_rank(words, " + query + ") DESC, "
	}
	for _, r := range q.Ranges {
		always = append(always, fmt.Sprintf("%s >= %d", r.Number, *r.Min))
	}
	distance := ""
	if q.Near != nil {
		x, y, z := sphere(*q.Near)
		distance = fmt.Sprintf("((x-(%g))^2+(y-(%g))^2+(z-(%g))^2)", x, y, z)
		always = append(always, fmt.Sprintf("%s <= %g", distance, chord2(q.RadiusKm)))
	}
	byFacet := map[string]string{}
	for _, f := range q.Filters {
		column, op := f.Facet, " = ANY("
		switch f.Facet {
		case "place":
			column = "city"
		case "occupation":
			column = "trade"
		case "group":
			column, op = "groups", " && ("
		}
		byFacet[f.Facet] = column + op + quote("{"+strings.Join(f.Values, ",")+"}") + "::text[])"
	}
	where := func(but string) string {
		all := slices.Clone(always)
		for f, c := range byFacet {
			if f != but {
				all = append(all, c)
			}
		}
		return strings.Join(all, " AND ")
	}
	order := rank + "published DESC, id"
	switch q.Sort {
	case "pay":
		order = "pay_max DESC NULLS LAST, id"
	case "date":
		order = "published DESC, id"
	case search.SortDistance:
		order = distance + ", id"
	}
	rows, err := v.db.Query(ctx, "SELECT id FROM ads WHERE "+where("")+" ORDER BY "+order+" LIMIT 20")
	if err != nil {
		return 0, err
	}
	if _, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return 0, err
	}
	// One pass for all facets without a filter of their own, one for each other.
	total := 0
	count := func(but string, facets []string) error {
		sql := "WITH m AS MATERIALIZED (SELECT county, occupation, education, pay, hours, groups, benefits FROM ads WHERE " + where(but) + ") "
		var parts []string
		if but == "" {
			parts = append(parts, "SELECT '', '', count(*) FROM m")
		}
		for _, f := range facets {
			switch f {
			case "place":
				parts = append(parts, "SELECT 'place', county, count(*) FROM m GROUP BY county")
			case "group", "benefit":
				parts = append(parts, "SELECT '"+f+"', u, count(*) FROM m, unnest("+f+"s) u GROUP BY u")
			default:
				parts = append(parts, "SELECT '"+f+"', "+f+", count(*) FROM m GROUP BY "+f)
			}
		}
		rows, err := v.db.Query(ctx, sql+strings.Join(parts, " UNION ALL "))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f, value string
			var n int
			if err := rows.Scan(&f, &value, &n); err != nil {
				return err
			}
			if f == "" {
				total = n
			}
		}
		return rows.Err()
	}
	var free []string
	for _, f := range schema().Facets {
		if byFacet[f.Name] == "" {
			free = append(free, f.Name)
			continue
		}
		if err := count(f.Name, []string{f.Name}); err != nil {
			return 0, err
		}
	}
	return total, count("", free)
}

// quote writes a literal; the values are all the program's own.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// tsquery writes the words of a query, widened by the synonyms, for tsvector.
func tsquery(text string) string {
	var all []string
	for _, w := range hanzi.QueryTokens(text) {
		alternatives := []string{conjunction(w)}
		key := ""
		for _, r := range w {
			key += r.Text
		}
		for _, s := range schema().Synonyms[key].Words {
			alternatives = append(alternatives, conjunction(slices.Concat(hanzi.QueryTokens(s)...)))
		}
		all = append(all, "("+strings.Join(alternatives, " | ")+")")
	}
	return strings.Join(all, " & ")
}

func conjunction(runs []hanzi.Run) string {
	var terms []string
	for _, r := range runs {
		switch {
		case r.Han && utf8.RuneCountInString(r.Text) > 1:
			for _, p := range r.Pairs() {
				terms = append(terms, "'"+p.String()+"'")
			}
		default:
			terms = append(terms, "'"+r.Text+"':*")
		}
	}
	return "(" + strings.Join(terms, " & ") + ")"
}

func synonymTrade(text string) string {
	for _, c := range schema().Synonyms[text].Codes {
		return c.Value
	}
	return ""
}
