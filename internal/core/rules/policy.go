package rules

import (
	"context"

	"gonghui/internal/core/access"
)

// MayRead tells whether the actor may read the book: it holds no personal data
// and is the same for everybody who may.
func MayRead(ctx context.Context) bool { return access.CanAnywhere(ctx, access.RulesRead) }

// MayPropose tells whether the actor may write changes for the unit at a path.
func MayPropose(ctx context.Context, path string) bool {
	return access.Can(ctx, access.RulesPropose, path)
}

// MayApprove tells whether the actor may decide on a change that another wrote.
func MayApprove(ctx context.Context, c Change) bool {
	a, ok := access.From(ctx)
	return ok && c.State == "submitted" && a.AccountID != c.EditedBy && access.Can(ctx, access.RulesApprove, c.OrgPath)
}
