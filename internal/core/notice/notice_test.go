package notice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/simulator/sms"
)

// directory is a phone book of the test: the real one is account's.
type directory map[string]notice.Recipient

func (d directory) Recipient(_ context.Context, accountID string) (notice.Recipient, error) {
	r, ok := d[accountID]
	if !ok {
		return r, fault.New(fault.NotFound, "account.unknown")
	}
	return r, nil
}

func (d directory) FindByPerson(_ context.Context, city, personID string) (string, bool, error) {
	_, ok := d["a-"+personID]
	return "a-" + personID, ok && city == "3701", nil
}

func (d directory) ListForCompany(_ context.Context, companyID string) ([]string, error) {
	return []string{"a-p1", "a-p2"}, nil
}

type bundle struct {
	db      *db.DB
	clock   *clock.Fake
	gateway *sms.Gateway
	queue   *queue.Queue
	*notice.Service
}

const phone = "13800000001"

func setup(t *testing.T, d *db.DB) *bundle {
	t.Helper()
	b := &bundle{db: d, clock: clock.NewFake(time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC))}
	b.gateway = sms.New(b.clock, 1, sms.Faults{})
	b.queue = queue.New(d, b.clock, slog.New(slog.DiscardHandler))
	require.NoError(t, b.queue.Migrate(t.Context()))
	b.Service = notice.New(notice.Deps{DB: d, Queue: b.queue, Clock: b.clock, Gateway: b.gateway, Directory: directory{
		"a-p1":  {AccountID: "a-p1", Phone: phone, PhoneMask: "138****0001", Lang: i18n.ZH},
		"a-p2":  {AccountID: "a-p2", Phone: "13800000002", PhoneMask: "138****0002", Lang: i18n.EN},
		"staff": {AccountID: "staff"},
	}})
	return b
}

func as(ctx context.Context, account string) context.Context {
	return access.Enter(ctx, access.Actor{AccountID: account, Kind: access.KindWorker})
}

// A template this room writes itself serves the tests.
func news(once string) notice.News {
	return notice.News{
		City: "3701", PersonID: "p1", Template: "sms_code", Params: map[string]any{"Code": "123456", "Minutes": 1000000},
		Link: "/x", OnceKey: once, SMS: true,
	}
}

func (b *bundle) deliveries(t *testing.T) []struct {
	CityCode, ID, State, Address, Problem string
	Tries                                 int
} {
	t.Helper()
	var rows []struct {
		CityCode, ID, State, Address, Problem string
		Tries                                 int
	}
	require.NoError(t, b.db.Reader(t.Context()).NewRaw("SELECT city_code, id, state, address, problem, tries FROM deliveries ORDER BY created_at, id").Scan(t.Context(), &rows))
	return rows
}

func (b *bundle) payload(t *testing.T) []byte {
	t.Helper()
	d := b.deliveries(t)[0]
	raw, err := json.Marshal(map[string]string{"city": d.CityCode, "id": d.ID})
	require.NoError(t, err)
	return raw
}

func (b *bundle) jobs(t *testing.T) int64 {
	t.Helper()
	d, err := b.queue.Depth(t.Context())
	require.NoError(t, err)
	return int64(d.Waiting)
}

func TestNewsIsToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		require.NoError(t, b.Tell(ctx, news("k1")))
		require.NoError(t, b.Tell(ctx, news("k1")))
		p, err := b.List(as(ctx, "a-p1"), page.Request{})
		require.NoError(t, err)
		require.Len(t, p.Items, 1)
		require.Equal(t, "您的验证码是 123456，1000000 分钟内有效。请不要告诉任何人，工会工作人员也不会向您索要。", p.Items[0].Text(i18n.ZH))
		require.EqualValues(t, 1, b.jobs(t))
		require.Equal(t, "138****0001", b.deliveries(t)[0].Address, "the log knows the masked number only")

		boom := errors.New("boom")
		require.ErrorIs(t, d.InTx(ctx, func(ctx context.Context) error {
			require.NoError(t, b.Tell(ctx, news("k2")))
			return boom
		}), boom)
		n, err := b.UnreadCount(as(ctx, "a-p1"))
		require.NoError(t, err)
		require.Equal(t, 1, n, "news of a failed transaction was never told")
		require.EqualValues(t, 1, b.jobs(t))

		// Nobody to tell, no phone, several to tell.
		nobody := news("k3")
		nobody.PersonID = "stranger"
		require.NoError(t, b.Tell(ctx, nobody))
		staff := news("k4")
		staff.PersonID, staff.AccountID = "", "staff"
		require.NoError(t, b.Tell(ctx, staff))
		require.EqualValues(t, 1, b.jobs(t))
		company := news("k5")
		company.PersonID, company.CompanyID, company.SMS = "", "c1", false
		require.NoError(t, b.Tell(ctx, company))
		for account, want := range map[string]int{"a-p1": 2, "a-p2": 1, "staff": 1} {
			n, err := b.UnreadCount(as(ctx, account))
			require.NoError(t, err)
			require.Equal(t, want, n, account)
		}
	})
}

func TestIncompleteNews(t *testing.T) {
	b := setup(t, dbtest.SQLite(t))
	for _, n := range []notice.News{
		{},
		{City: "3701", Template: "x", OnceKey: "k"},
		{City: "3701", Template: "x", AccountID: "a"},
		{City: "3701", OnceKey: "k", AccountID: "a"},
		{Template: "x", OnceKey: "k", AccountID: "a"},
		{City: "3701", Template: "x", OnceKey: "k", AccountID: "a", PersonID: "p"},
	} {
		require.True(t, fault.HasCode(b.Tell(t.Context(), n), "notice.incomplete"), "%+v", n)
	}
}

func TestTheInboxIsOnesOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		for i := range 7 {
			n := news(fmt.Sprint(i))
			n.SMS = false
			require.NoError(t, b.Tell(ctx, n))
			if i%2 == 0 { // two of the same microsecond
				b.clock.Advance(time.Second)
			}
		}
		mine := as(ctx, "a-p1")
		var seen []string
		req := page.Request{Limit: 2}
		for {
			p, err := b.List(mine, req)
			require.NoError(t, err)
			for _, n := range p.Items {
				seen = append(seen, n.ID)
			}
			if req.After = p.Next; req.After == "" {
				break
			}
		}
		require.Len(t, seen, 7)
		_, err := b.List(mine, page.Request{After: "rubbish"})
		require.True(t, fault.HasCode(err, "page.cursor"))

		other := as(ctx, "a-p2")
		p, err := b.List(other, page.Request{})
		require.NoError(t, err)
		require.Empty(t, p.Items)
		_, err = b.MarkRead(other, "3701", seen[0])
		require.True(t, fault.HasCode(err, "notice.unknown"), "another's notice does not exist")

		n, err := b.MarkRead(mine, "3701", seen[0])
		require.NoError(t, err)
		require.False(t, n.Unread())
		first := n.ReadAt
		b.clock.Advance(time.Hour)
		n, err = b.MarkRead(mine, "3701", seen[0])
		require.NoError(t, err)
		require.Equal(t, first, n.ReadAt, "read once, at the first time")
		count, err := b.UnreadCount(mine)
		require.NoError(t, err)
		require.Equal(t, 6, count)
		require.NoError(t, b.MarkAllRead(mine))
		count, err = b.UnreadCount(mine)
		require.NoError(t, err)
		require.Zero(t, count)

		_, err = b.List(ctx, page.Request{})
		require.True(t, fault.IsKind(err, fault.Unauthenticated))
		_, err = b.List(access.System(ctx, "test"), page.Request{})
		require.True(t, fault.IsKind(err, fault.Unauthenticated), "the house has no inbox")
		token := access.Enter(ctx, access.Actor{AccountID: "a-p1", Kind: access.KindWorker, TokenID: "t",
			Person: access.PersonRef{City: "3701", ID: "p1"}, Narrow: []access.Capability{access.CaseView}})
		_, err = b.List(token, page.Request{})
		require.True(t, fault.HasCode(err, "access.denied"))
	})
}

func TestDelivery(t *testing.T) {
	tests := []struct {
		name    string
		faults  []sms.Faults // of each run of the job
		state   string
		tries   int
		problem string
		arrived int
	}{
		{"at once", []sms.Faults{{}}, "sent", 1, "", 1},
		{"twice run", []sms.Faults{{}, {}}, "sent", 1, "", 1},
		{"busy, then sent", []sms.Faults{{Busy: 1}, {Busy: 1}, {}}, "sent", 3, "", 1},
		{"answer lost, then known", []sms.Faults{{AnswerLost: 1}, {}}, "sent", 2, "", 1},
		{"refused for ever", []sms.Faults{{Refuse: 1}, {}}, "failed", 1, "sms.refused", 0},
		{"busy for ever", []sms.Faults{{Busy: 1}, {Busy: 1}, {Busy: 1}, {Busy: 1}, {Busy: 1}, {}}, "failed", 5, "sms.busy", 0},
		{"still waiting", []sms.Faults{{Busy: 1}}, "queued", 1, "sms.busy", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				b := setup(t, d)
				require.NoError(t, b.Tell(t.Context(), news("k")))
				job := db.SystemScope(t.Context(), "job:"+notice.JobSMS)
				var last error
				for _, f := range tt.faults {
					b.gateway.Set(f)
					last = b.Deliver(job, b.payload(t))
				}
				require.Equal(t, tt.state == "queued", last != nil, "the queue tries again only what may still succeed")
				got := b.deliveries(t)[0]
				require.Equal(t, tt.state, got.State)
				require.Equal(t, tt.tries, got.Tries)
				require.Equal(t, tt.problem, got.Problem)
				require.Len(t, b.gateway.Phone(phone), tt.arrived)
				p, err := b.List(as(t.Context(), "a-p1"), page.Request{})
				require.NoError(t, err)
				log, err := b.Deliveries(access.System(t.Context(), "test"), "3701", p.Items[0].ID)
				require.NoError(t, err)
				require.Equal(t, tt.state, log[0].State)
			})
		})
	}
}

// The program dies after the gateway took the message and before the log was
// written: the job runs again, with the same Key.
func TestKilledBetweenSendingAndWriting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		require.NoError(t, b.Tell(t.Context(), news("k")))
		payload := b.payload(t)
		require.NoError(t, b.Deliver(t.Context(), payload))
		_, err := d.Writer(t.Context()).NewRaw("UPDATE deliveries SET state = 'queued', tries = 0, sent_at = NULL").Exec(t.Context())
		require.NoError(t, err)
		require.NoError(t, b.Deliver(t.Context(), payload))
		require.Len(t, b.gateway.Calls(), 2)
		require.Equal(t, b.gateway.Calls()[0].Key, b.gateway.Calls()[1].Key)
		require.Len(t, b.gateway.Phone(phone), 1)
	})
}

func TestAStoppingProgramDoesNotUseUpATry(t *testing.T) {
	b := setup(t, dbtest.SQLite(t))
	require.NoError(t, b.Tell(t.Context(), news("k")))
	payload := b.payload(t)
	ctx, stop := context.WithCancel(t.Context())
	b.gateway.Set(sms.Faults{Busy: 1})
	stop()
	require.Error(t, b.Deliver(ctx, payload))
	require.Equal(t, 0, b.deliveries(t)[0].Tries)
}
