package employment_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// noRecordNamed lists the use cases that take no id or number of a record, or
// show what everybody may see, or are the house's own work.
var noRecordNamed = []string{
	// the actor's own, found through the actor
	"MyApplications", "MyApplicationFor", "MyConsents", "MyProfile", "MyRecommendations", "MyRecommended", "SaveProfile", "RegisterEmployer",
	// for everybody
	"Find", "Published", "Apply", "Parameters", "Clocked", "Refusals",
	// lists under the scope without a record named (below: they are empty)
	"DeskVacancies", "DeskCompanies", "ListBatches", "ListServices", "ListVacancies", "ListApplications", "ExportVacancies", "ExportCompanies",
	// the house
	"BuildIndex", "RefreshIndex", "VerifySearch", "FollowStore", "ExpireDue", "Jobs", "RunBatch", "CountBatch", "Import",
}

// Every use case that takes an id or a number refuses those whose it is not: a
// sister county, another company, another worker, an administrator without a view
// of cases, and somebody who has not signed in.
func TestNobodyReachesForeignRecords(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d).withFiles()
		hr, c := b.employer("济南钢花机械有限公司", "370104")
		otherHR, _ := b.employer("济南云帆物流有限公司", "370105")
		v := b.onOffer(hr, c, goodVacancy())
		hidden, err := b.PostVacancy(hr, c.CityCode, c.ID, func() employment.VacancyInput { in := goodVacancy(); in.Title = "车工"; return in }())
		require.NoError(t, err)
		worker := b.worker("王大力", "370104")
		a, err := b.Apply(worker, employment.ApplyInput{Number: v.Number, SharePhone: true})
		require.NoError(t, err)
		clerk := b.clerk("county", access.RoleCounty, "370104")
		recommended := b.recommend(clerk, worker, v)
		batch := b.upload(clerk, "370104", table(1))
		self, _ := access.Self(worker)

		step := func(id, event string, version int) employment.StepInput {
			return employment.StepInput{City: c.CityCode, ID: id, Event: event, Version: version, Reason: "x", At: monday.Add(time.Hour), Place: "x"}
		}
		mended := goodVacancy()
		mended.Version = 1
		calls := map[string]func(ctx context.Context) (any, error){
			"ResubmitEmployer": func(ctx context.Context) (any, error) {
				return b.Service.ResubmitEmployer(ctx, c.CityCode, c.ID, company.Patch{}, 2)
			},
			"DecideEmployer":      func(ctx context.Context) (any, error) { return b.DecideEmployer(ctx, step(c.ID, "block", 2)) },
			"PostVacancy":         func(ctx context.Context) (any, error) { return b.PostVacancy(ctx, c.CityCode, c.ID, goodVacancy()) },
			"ResubmitVacancy":     func(ctx context.Context) (any, error) { return b.ResubmitVacancy(ctx, c.CityCode, v.ID, mended) },
			"StepVacancy":         func(ctx context.Context) (any, error) { return b.StepVacancy(ctx, step(v.ID, "take_down", 2)) },
			"StepApplication":     func(ctx context.Context) (any, error) { return b.StepApplication(ctx, step(a.ID, "view", 1)) },
			"SetSharePhone":       func(ctx context.Context) (any, error) { return nil, b.SetSharePhone(ctx, a.CityCode, a.ID, false) },
			"ApplicantPhone":      func(ctx context.Context) (any, error) { return b.ApplicantPhone(ctx, a.CityCode, a.ID) },
			"VacancyByNumber":     func(ctx context.Context) (any, error) { return b.VacancyByNumber(ctx, hidden.Number) },
			"GetVacancy":          func(ctx context.Context) (any, error) { return b.GetVacancy(ctx, v.CityCode, v.ID) },
			"GetApplication":      func(ctx context.Context) (any, error) { return b.GetApplication(ctx, a.CityCode, a.ID) },
			"ApplicationByNumber": func(ctx context.Context) (any, error) { return b.ApplicationByNumber(ctx, a.Number) },
			"RecordService": func(ctx context.Context) (any, error) {
				return b.RecordService(ctx, b.unitOf(clerk), employment.ServiceInput{Kind: employment.Guidance, Phone: "19900001111", Name: "王五"})
			},
			"AnswerRecommendation": func(ctx context.Context) (any, error) { return b.AnswerRecommendation(ctx, recommended, true) },
			"MyRecommendation":     func(ctx context.Context) (any, error) { return b.MyRecommendation(ctx, recommended) },
			"CreateBatch": func(ctx context.Context) (any, error) {
				return b.CreateBatch(ctx, b.unitOf(clerk), "x.csv", strings.NewReader(table(1)))
			},
			"CheckBatch":  func(ctx context.Context) (any, error) { return b.CheckBatch(ctx, batch.CityCode, batch.ID, batch.Map) },
			"StartBatch":  func(ctx context.Context) (any, error) { return b.StartBatch(ctx, batch.CityCode, batch.ID) },
			"GetBatch":    func(ctx context.Context) (any, error) { return b.GetBatch(ctx, batch.CityCode, batch.ID) },
			"BatchErrors": func(ctx context.Context) (any, error) { return b.BatchErrors(ctx, batch.CityCode, batch.ID) },
			// These answer with nothing where nothing is theirs.
			"Employers": func(ctx context.Context) (any, error) {
				return b.Employers(ctx, []casework.Ref{{City: v.CityCode, ID: v.ID}})
			},
			"Applicants": func(ctx context.Context) (any, error) { return b.Applicants(ctx, c.ID) },
			"CompanyStanding": func(ctx context.Context) (any, error) {
				s, err := b.CompanyStanding(ctx, c.ID)
				return s.Applied, err
			},
			"WaitingApplicants": func(ctx context.Context) (any, error) { return b.WaitingApplicants(ctx, c.ID, 10) },
			"ServicesFor":       func(ctx context.Context) (any, error) { return b.ServicesFor(ctx, self.City, self.ID) },
			"CloseMyPhone":      func(ctx context.Context) (any, error) { return nil, b.CloseMyPhone(ctx, c.ID) },
		}

		method := reflect.TypeFor[*employment.Service]()
		for i := range method.NumMethod() {
			name := method.Method(i).Name
			require.True(t, calls[name] != nil != slices.Contains(noRecordNamed, name), "%s: say in this test who may not call it", name)
		}

		strangers := map[string]context.Context{
			"sister county": b.clerk("sister", access.RoleCounty, "370105"), "sister city": b.clerk("qingdao", access.RoleCounty, "370202"),
			"township of another county": b.clerk("town", access.RoleTownship, "370105"),
			"another company":            otherHR, "another worker": b.worker("赵四", "370104"), "nobody": t.Context(),
		}
		county, ok := b.Org.ByDivision("370104")
		require.True(t, ok)
		strangers["administrator"] = access.Enter(t.Context(), access.Actor{AccountID: "root", Kind: access.KindStaff, Grants: []access.Grant{
			{Role: access.RoleAdmin, UnitID: county.ID, Path: access.Root, Caps: []access.Capability{access.AuditView, access.SystemView, access.GrantsManage}},
		}})
		// Vacancies are no personal data: an administrator may read them in his tree.
		openTo := map[string][]string{"administrator": {"GetVacancy", "VacancyByNumber"}}
		for who, ctx := range strangers {
			for name, call := range calls {
				if slices.Contains(openTo[who], name) {
					continue
				}
				got, err := call(ctx)
				if err != nil {
					kind := fault.As(err).Kind
					require.Contains(t, []fault.Kind{fault.NotFound, fault.Forbidden, fault.Unauthenticated}, kind, "%s: %s: %v", who, name, err)
					continue
				}
				require.Contains(t, []string{"Employers", "Applicants", "CompanyStanding", "WaitingApplicants", "ServicesFor", "CloseMyPhone"}, name, "%s: %s", who, name)
				require.True(t, got == nil || reflect.ValueOf(got).Len() == 0, "%s: %s gives %v", who, name, got)
			}
			if _, err := db.ScopeFrom(ctx); err != nil {
				continue
			}
			list, err := b.ListApplications(ctx, employment.ApplicationFilter{CompanyID: c.ID, Request: page.Request{}})
			require.NoError(t, err)
			require.Empty(t, list.Items, who)
		}

		// Nothing has changed, and those whose it is still reach it.
		same, err := b.GetApplication(worker, a.CityCode, a.ID)
		require.NoError(t, err)
		require.Equal(t, "delivered", same.State)
		require.Equal(t, a.Version, same.Version)
		_, err = b.ApplicantPhone(hr, a.CityCode, a.ID)
		require.NoError(t, err)
		_, err = b.ApplicantPhone(clerk, a.CityCode, a.ID)
		require.True(t, fault.HasCode(err, "employment.no_consent"), "the desk reads no number on the company's ticket: %v", err)
		_, err = b.GetApplication(clerk, a.CityCode, a.ID)
		require.NoError(t, err)
		seen, err := b.GetVacancy(hr, v.CityCode, v.ID)
		require.NoError(t, err)
		require.Equal(t, "published", seen.State)

		// A token of the company for posting only opens no applicants.
		actor, _ := access.From(hr)
		actor.TokenID, actor.Narrow = "t", []access.Capability{access.VacancyPost}
		token := access.Enter(t.Context(), actor)
		_, err = b.GetApplication(token, a.CityCode, a.ID)
		require.True(t, fault.HasCode(err, "employment.no_application"), "%v", err)
		_, err = b.GetVacancy(token, hidden.CityCode, hidden.ID)
		require.NoError(t, err)
	})
}
