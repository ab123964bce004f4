package api

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
)

// named is the caller with a key on each call.
func (c *caller) named(key string) *caller {
	k := *c
	k.header = c.header.Clone()
	k.header.Set(keyHeader, key)
	return &k
}

// again checks that an answer is, or is not, that of an earlier call.
func (a answer) again(want string) answer {
	a.t.Helper()
	require.Equal(a.t, want, a.header.Get(againHeader), a.call)
	return a
}

// Law: whatever changes something takes a key, but for signing in, which has its
// own code, and for what only looks.
func TestEveryChangeTakesAKey(t *testing.T) {
	s := newServer(Deps{})
	without := map[string]bool{"session-code": true, "session-create": true, "applicant-phone": true}
	n := 0
	for path, item := range s.api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete, "PATCH": item.Patch} {
			if op == nil {
				continue
			}
			takes := false
			for _, p := range op.Parameters {
				takes = takes || p.Name == keyHeader
			}
			says := false
			for status, r := range op.Responses {
				says = says || strings.HasPrefix(status, "2") && r.Headers[againHeader] != nil
			}
			want := method != "GET" && !without[op.OperationID]
			require.Equal(t, want, takes, "%s %s", method, path)
			require.Equal(t, want, says, "%s %s", method, path)
			if takes {
				n++
			}
		}
	}
	require.Greater(t, n, 14)
}

func TestTheSameKeyIsTheSameCall(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr := h.worker("19900000001", "李华", "370104")
		c := h.employer(hr, "济南钢花机械有限公司", "370104")
		vacancies := "/companies/" + c.City + "/" + c.ID + "/vacancies"

		first := hr.named("k1").do("POST", vacancies, welder()).ok(201).again("")
		second := hr.named("k1").do("POST", vacancies, welder()).ok(201).again("true")
		require.JSONEq(t, string(first.body), string(second.body))
		require.Equal(t, first.header.Get("Content-Type"), second.header.Get("Content-Type"))
		// Blanks and the order of properties make no other request.
		hr.named("k1").do("POST", vacancies, ` {"groups": ["veteran"], "insurance":"five", "hours":"day","pay":"6000-8000元/月","division":"370104","headcount":2,
			"content":"焊接钢结构件,会看图纸。","title":"电焊工"} `).ok(201).again("true")
		hr.do("POST", vacancies, welder()).ok(409)
		hr.named("k2").do("POST", vacancies, welder()).ok(409)

		other := welder()
		other["title"] = "数控车工"
		p := hr.named("k1").do("POST", vacancies, other).refused(422, "account.key_reused")
		require.Contains(t, p.Title, "Idempotency-Key")
		zh := hr.named("k1")
		zh.lang = "zh-CN"
		require.Contains(t, zh.do("POST", vacancies, other).refused(422, "account.key_reused").Title, "另一个请求")
		var v Vacancy
		first.into(&v)
		hr.named("k1").do("POST", "/vacancies/"+v.Number+"/steps", map[string]any{"event": "close", "version": 1}).refused(422, "account.key_reused")
		hr.named("k2").do("POST", vacancies, other).ok(201).again("") // the refusal of k2 was not kept
		var list List[Vacancy]
		hr.do("GET", vacancies, nil).ok(200).into(&list)
		require.Len(t, list.Items, 2)

		// A key is its sender's own.
		second2 := h.worker("19900000002", "孙三", "370103")
		h.employer(second2, "济南另一家有限公司", "370103")
		second2.named("k1").do("POST", vacancies, welder()).refused(404, "company.not_found")
		h.of(hr.id).named("k1").do("POST", vacancies, welder()).ok(409)

		// A step that was taken is answered, not refused as a second one.
		county := h.clerk("huaiyin", access.RoleCounty, "370104")
		var q Cases
		county.do("GET", "/cases?kind=employment.vacancy", nil).ok(200).into(&q)
		at := "/cases/employment.vacancy/" + q.Items[0].City + "/" + q.Items[0].ID + "/steps"
		publish := map[string]any{"event": "publish", "version": 1}
		county.named("p").do("POST", at, publish).ok(200).again("")
		county.named("p").do("POST", at, publish).ok(200).again("true")
		county.do("POST", at, publish).refused(409, "casework.moved_on")

		// Without a body too; and a read has no use for a key.
		worker := h.worker("13900000001", "王大力", "370104")
		profile := map[string]any{"name": "王大力"}
		worker.named("s").do("PUT", "/me/profile", profile).ok(200).again("")
		worker.named("s").do("PUT", "/me/profile", profile).ok(200).again("true")
		var inbox List[Notice]
		hr.named("n").do("GET", "/me/notices", nil).ok(200).again("").into(&inbox)
		read := "/me/notices/" + inbox.Items[0].City + "/" + inbox.Items[0].ID + "/read"
		hr.named("n").do("PUT", read, nil).ok(204).again("")
		require.Empty(t, hr.named("n").do("PUT", read, nil).ok(204).again("true").body)

		// A day later the key is free.
		h.clock.Advance(keepAnswer)
		hr.named("k1").do("POST", vacancies, welder()).ok(409)
	})
}

func TestAKeyIsWrittenAsAKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		worker := h.worker("13900000001", "王大力", "370104")
		profile := map[string]any{"name": "王大力"}
		for _, keys := range [][]string{{""}, {"a", "b"}, {"a b"}, {strings.Repeat("k", maxKey+1)}, {"钥匙"}} {
			odd := *worker
			odd.header = http.Header{keyHeader: keys}
			odd.do("PUT", "/me/profile", profile).refused(422, "api.key")
		}
		for _, key := range []string{strings.Repeat("k", maxKey), `"8e03978e-40d5-43dd-bc93-6894a57f9324"`, "~!@#$%"} {
			worker.named(key).do("PUT", "/me/profile", profile).ok(200).again("")
			worker.named(key).do("PUT", "/me/profile", profile).ok(200).again("true")
		}
		h.visitor().named("k").do("PUT", "/me/profile", profile).refused(401, "access.sign_in")
	})
}

func TestTwoCallsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr := h.worker("19900000001", "李华", "370104")
		c := h.employer(hr, "济南钢花机械有限公司", "370104")
		var mu sync.Mutex
		both := func(f func(i int) answer) (all []answer) {
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Go(func() {
					a := f(i)
					mu.Lock()
					defer mu.Unlock()
					all = append(all, a)
				})
			}
			wg.Wait()
			return all
		}
		fresh, numbers := 0, map[string]bool{}
		for _, a := range both(func(int) answer {
			return hr.named("k").do("POST", "/companies/"+c.City+"/"+c.ID+"/vacancies", welder())
		}) {
			var v Vacancy
			a.ok(201).into(&v)
			numbers[v.Number] = true
			if a.header.Get(againHeader) == "" {
				fresh++
			}
		}
		require.Equal(t, 1, fresh)
		require.Len(t, numbers, 1)

		// The same application at once under different keys: one of them wins the
		// unique key, the others begin anew and find what it made.
		other := welder()
		other["title"] = "数控车工"
		v := h.onOffer(hr, c, other)
		worker := h.worker("13900000001", "王大力", "370104")
		numbers = map[string]bool{}
		for _, a := range both(func(i int) answer {
			return worker.named(string(rune('a'+i))).do("POST", "/jobs/"+v.Number+"/applications", map[string]any{"message": "有证"})
		}) {
			var x Application
			a.ok(201).again("").into(&x)
			numbers[x.Number] = true
		}
		require.Len(t, numbers, 1)
	})
}

// A secret is shown again to who lost the answer, for a short while.
func TestATokenLostOnTheWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		browser := h.browser(h.clerk("huaiyin", access.RoleCounty, "370104").id)
		wish := map[string]any{"purpose": "报表", "scope": []string{"figures.view"}, "ttl": 86400}
		var first, second, third NewToken
		browser.named("k").do("POST", "/tokens", wish).ok(201).into(&first)
		browser.named("k").do("POST", "/tokens", wish).ok(201).again("true").into(&second)
		require.Equal(t, first, second)
		with := h.visitor()
		with.token = second.Secret
		with.do("GET", "/figures", nil).ok(200)
		with.named("k").do("POST", "/tokens", wish).refused(403, "api.session_needed")
		h.clock.Advance(keepSecret)
		browser.named("k").do("POST", "/tokens", wish).ok(201).again("").into(&third)
		require.NotEqual(t, first.ID, third.ID)
		browser.named("d").do("DELETE", "/tokens/"+first.ID, nil).ok(204).again("")
		browser.named("d").do("DELETE", "/tokens/"+first.ID, nil).ok(204).again("true")
	})
}

// A number is read anew each time: the consent of this moment counts, and each
// look is on record.
func TestReadingANumberIsNeverAnsweredFromMemory(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr := h.worker("19900000001", "李华", "370104")
		c := h.employer(hr, "济南钢花机械有限公司", "370104")
		v := h.onOffer(hr, c, welder())
		worker := h.worker("13900000001", "王大力", "370104")
		var a Application
		worker.do("POST", "/jobs/"+v.Number+"/applications", map[string]any{"share_phone": true}).ok(201).into(&a)
		for range 2 {
			hr.named("k").do("POST", "/applications/"+a.Number+"/phone", nil).ok(200).again("")
		}
		var n int
		require.NoError(t, h.DB.Reader(t.Context()).NewRaw("SELECT count(*) FROM audit_entries WHERE action = 'person.phone_read'").Scan(t.Context(), &n))
		require.Equal(t, 2, n)
		worker.named("w").do("PUT", "/me/applications/"+a.Number+"/phone", map[string]any{"share": false}).ok(204)
		hr.named("k").do("POST", "/applications/"+a.Number+"/phone", nil).refused(403, "employment.no_consent")
	})
}
