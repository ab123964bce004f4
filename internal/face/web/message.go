package web

import (
	"context"

	"gonghui/internal/core/notice"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/i18n"
)

// Messages writes an inbox; under is the address below which each is opened.
func Messages(ctx context.Context, under string, list []notice.Notice) []ui.Message {
	out := make([]ui.Message, len(list))
	for i, n := range list {
		out[i] = ui.Message{Href: under + "/" + n.City + "/" + n.ID, Text: n.Text(i18n.From(ctx)), At: ui.Moment(ctx, n.CreatedAt), Unread: n.Unread()}
	}
	return out
}
