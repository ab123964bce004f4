package phone

import (
	"net/http"
	"slices"

	"gonghui/internal/core/notice"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/page"
)

type messagesView struct {
	Page        page.Page[notice.Notice]
	Unread      int // in the whole inbox
	Start, Next string
}

func (f *face) messages(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := f.Notices.List(ctx, wanted(r))
	if err != nil {
		return err
	}
	v := messagesView{Page: p, Start: startOf("/messages", r), Next: nextOf("/messages", p.Next)}
	if v.Unread, err = f.Notices.UnreadCount(ctx); err != nil {
		return err
	}
	// What is new stands first, within the page; the order among each is by time.
	slices.SortStableFunc(v.Page.Items, func(a, b notice.Notice) int {
		switch {
		case a.Unread() == b.Unread():
			return 0
		case a.Unread():
			return -1
		}
		return 1
	})
	return f.show(w, r, "messages", t(ctx, "phone.messages.title"), messages(v))
}

// openMessage marks a message as read and goes to what it is about.
func (f *face) openMessage(w http.ResponseWriter, r *http.Request) error {
	n, err := f.Notices.MarkRead(r.Context(), r.PathValue("city"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.See(w, r, web.Local(n.Link, "/messages"))
}

func (f *face) readAll(w http.ResponseWriter, r *http.Request) error {
	if err := f.Notices.MarkAllRead(r.Context()); err != nil {
		return err
	}
	return web.See(w, r, "/messages")
}
