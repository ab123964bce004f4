package employment

import (
	"context"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
)

// MayPost tells whether the actor may post and manage vacancies of a company.
func MayPost(ctx context.Context, companyID string) bool {
	return access.CanCompany(ctx, access.VacancyPost, companyID)
}

// MayManageApplicants tells whether the actor may see and answer applicants of
// a company.
func MayManageApplicants(ctx context.Context, companyID string) bool {
	return access.CanCompany(ctx, access.ApplicantManage, companyID)
}

// MayReview tells whether the actor decides on a vacancy for the county.
// Nobody decides for a company he acts for himself.
func MayReview(ctx context.Context, v Vacancy) bool {
	return access.Can(ctx, access.VacancyReview, v.OrgPath) && !actsFor(ctx, v.CompanyID)
}

// MayVerify tells whether the actor decides on an employer of the unit at path.
func MayVerify(ctx context.Context, orgPath, companyID string) bool {
	return access.Can(ctx, access.CompanyVerify, orgPath) && !actsFor(ctx, companyID)
}

func actsFor(ctx context.Context, companyID string) bool {
	a, _ := access.From(ctx)
	for _, g := range a.Companies() {
		if g.CompanyID == companyID {
			return true
		}
	}
	return false
}

// MaySeePhone tells whether a company may read an applicant's number: only
// with the worker's consent, and only while the application is open or has led
// to the job.
func MaySeePhone(ctx context.Context, a Application) bool {
	return MayManageApplicants(ctx, a.CompanyID) && a.SharePhone && (a.Open() || a.State == "arrived")
}

// NoteFor gives the company's note as the actor may read it. The note of an
// interview is the company's own; that of an offer is written for the worker
// and takes its place.
func NoteFor(ctx context.Context, a Application) string {
	if !IsApplicant(ctx, a) {
		return a.OutcomeNote
	}
	switch a.State {
	case "offered", "agreed", "company_confirmed", "worker_confirmed", "arrived", "declined", "no_show":
		return a.OutcomeNote
	}
	return ""
}

// IsApplicant tells whether the actor is the worker who applied.
func IsApplicant(ctx context.Context, a Application) bool {
	self, ok := access.Self(ctx)
	return ok && self.ID == a.PersonID
}

// SideOf tells on which side the actor meets an application; empty when on none.
func SideOf(ctx context.Context, a Application) casework.Role {
	switch {
	case IsApplicant(ctx, a):
		return casework.Worker
	case MayManageApplicants(ctx, a.CompanyID):
		return casework.Company
	case access.Can(ctx, access.CaseView, a.OrgPath):
		return casework.Desk
	}
	return ""
}
