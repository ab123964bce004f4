package phone

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"gonghui/internal/face/ui"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/dues"
)

// noticeView is a list of refunds on public notice.
type noticeView struct {
	dues.Noticed
	By    string
	Start string
	Next  string
}

// duesNotice shows a list of refunds to anybody while its public notice runs.
func (f *face) duesNotice(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	n, err := f.Dues.PublicNotice(ctx, r.PathValue("number"), wanted(r))
	if err != nil {
		return f.gone(w, r, err)
	}
	path := "/notices/dues/" + n.Number
	v := noticeView{Noticed: n, Start: startOf(path, r), Next: nextOf(path, n.Rows.Next)}
	if u, ok := f.Org.ByPath(n.Unit); ok {
		v.By = u.NameIn(string(i18n.From(ctx)))
	}
	return f.show(w, r, "", t(ctx, "notice.dues.title"), noticePage(v))
}

func (v noticeView) facts(ctx context.Context) []ui.Fact {
	return []ui.Fact{
		{Label: t(ctx, "notice.dues.by"), Value: v.By},
		{Label: t(ctx, "notice.dues.what"), Value: t(ctx, "dues.kind."+string(v.Kind))},
		{Label: t(ctx, "notice.dues.months"), Value: v.From.String()[:7] + " – " + v.To.String()[:7]},
		{Label: t(ctx, "notice.dues.until"), Value: ui.Day(ctx, v.Until)},
	}
}

func noticeRows(ctx context.Context, v noticeView) [][]templ.Component {
	rows := make([][]templ.Component, len(v.Rows.Items))
	for i, x := range v.Rows.Items {
		rows[i] = []templ.Component{ui.Text(x.Name), ui.Text(ui.Money(ctx, int64(x.Amount)))}
	}
	return rows
}

func noticeColumns(ctx context.Context) []ui.Column {
	return []ui.Column{{Label: t(ctx, "notice.dues.company")}, {Label: t(ctx, "notice.dues.amount"), Right: true}}
}
