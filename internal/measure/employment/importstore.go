package employment

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
)

var importColumns = []string{
	"city_code", "id", "number", "org_path", "company_id", "company_name", "title", "occupation_code", "industry_code", "form",
	"headcount", "division_code", "place_detail", "lon", "lat", "pay_min_fen", "pay_max_fen", "pay_per", "pay_months", "negotiable",
	"hours", "education", "years_min", "years_max", "insurance", "dormitory", "meals", "groups", "tags", "content", "link", "source",
	"batch_id", "state", "identity", "valid_to", "published_at", "version", "created_at", "updated_at",
}

// insertImported writes the vacancies whose identity is new and tells which
// those are, by id.
func (s store) insertImported(ctx context.Context, list []Vacancy) (map[string]bool, error) {
	rows := make([][]any, len(list))
	for i, v := range list {
		r := rowOf(v)
		rows[i] = []any{
			r.CityCode, r.ID, r.Number, r.OrgPath, r.CompanyID, r.CompanyName, r.Title, r.OccupationCode, r.IndustryCode, r.Form,
			r.Headcount, r.DivisionCode, r.PlaceDetail, r.Lon, r.Lat, r.PayMinFen, r.PayMaxFen, r.PayPer, r.PayMonths, r.Negotiable,
			r.Hours, r.Education, r.YearsMin, r.YearsMax, r.Insurance, r.Dormitory, r.Meals, r.Groups, r.Tags, r.Content, r.Link, r.Source,
			r.BatchID, r.State, v.identity, r.ValidTo, r.PublishedAt, r.Version, r.CreatedAt, r.UpdatedAt,
		}
	}
	isNew, err := s.db.InsertNew(ctx, "vacancies", importColumns, "city_code, identity", rows)
	if err != nil {
		return nil, err // raw: Import tells a repeated number by its key
	}
	fresh := make(map[string]bool, len(list))
	for i, v := range list {
		if isNew[i] {
			fresh[v.ID] = true
		}
	}
	return fresh, nil
}

// ofBatch counts how many of the vacancies met one that came with the batch.
func (s store) ofBatch(ctx context.Context, met []Vacancy, batchID string) (int, error) {
	mine, err := s.keysWhere(ctx, met, "batch_id = ?", batchID)
	n := 0
	for _, v := range met {
		if mine[v.CityCode+v.identity] {
			n++
		}
	}
	return n, err
}

// standing gives city and identity of those vacancies of the list that stand already.
func (s store) standing(ctx context.Context, list []Vacancy) (map[string]bool, error) {
	return s.keysWhere(ctx, list, "1 = 1")
}

// keysWhere gives city and identity of the standing vacancies that have the key
// of one of the list and meet the condition.
func (s store) keysWhere(ctx context.Context, list []Vacancy, condition string, args ...any) (map[string]bool, error) {
	byCity := map[string][]string{}
	for _, v := range list {
		byCity[v.CityCode] = append(byCity[v.CityCode], v.identity)
	}
	out := map[string]bool{}
	for city, keys := range byCity {
		for part := range slices.Chunk(keys, 500) {
			var found []string
			err := s.db.Reader(ctx).NewSelect().Model((*vacancyRow)(nil)).Column("identity").
				Where("city_code = ? AND identity IN (?)", city, bun.List(part)).Where(condition, args...).Scan(ctx, &found)
			if err != nil {
				return nil, db.Fault(err)
			}
			for _, k := range found {
				out[city+k] = true
			}
		}
	}
	return out, nil
}

// takenDown gives city and identity of those vacancies of the companies of the
// list that the county has taken down; their key is free, their posts are not.
func (s store) takenDown(ctx context.Context, list []Vacancy) (map[string]bool, error) {
	some, err := s.db.Reader(ctx).NewSelect().Model((*vacancyRow)(nil)).Where("state = 'taken_down'").Exists(ctx)
	if err != nil || !some {
		return map[string]bool{}, db.Fault(err)
	}
	byCity := map[string][]string{}
	seen := map[string]bool{}
	for _, v := range list {
		if !seen[v.CompanyID] {
			seen[v.CompanyID] = true
			byCity[v.CityCode] = append(byCity[v.CityCode], v.CompanyID)
		}
	}
	out := map[string]bool{}
	for city, ids := range byCity {
		for part := range slices.Chunk(ids, 500) {
			var rows []vacancyRow
			err := s.db.Reader(ctx).NewSelect().Model(&rows).
				Column("city_code", "company_id", "title", "division_code", "pay_min_fen", "pay_max_fen", "pay_per", "pay_months", "negotiable").
				Where("v.city_code = ? AND v.company_id IN (?) AND v.state = 'taken_down'", city, bun.List(part)).Scan(ctx)
			if err != nil {
				return nil, db.Fault(err)
			}
			for i := range rows {
				out[city+identityOf(rows[i].vacancy())] = true
			}
		}
	}
	return out, nil
}
