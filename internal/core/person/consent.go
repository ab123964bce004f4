package person

import (
	"context"
	"strings"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/id"
)

// GrantConsent opens something to a recipient, until a time (zero = until
// withdrawn). Only the person can, or the house on the person's behalf. A
// consent that stands with the same end is given back as it is; with another
// end it is replaced. Faults: person.purpose, person.not_found.
func (s *Service) GrantConsent(ctx context.Context, ref Ref, purpose, recipient string, expires time.Time) (Consent, error) {
	purpose, err := purposeOf(purpose)
	if err != nil {
		return Consent{}, err
	}
	expires = expires.UTC().Truncate(time.Microsecond) // the finest that both databases keep
	var c Consent
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		person, err := s.own(ctx, ref)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		standing, err := s.store.standing(ctx, ref, purpose, recipient, now)
		if err != nil {
			return err
		}
		for _, r := range standing {
			if r.ExpiresAt.Equal(expires) {
				c = r.consent()
				return nil
			}
			if err := s.store.withdraw(ctx, ref.City, r.ID, now); err != nil {
				return err
			}
		}
		r := consentRow{
			CityCode: ref.City, ID: id.New(), PersonID: ref.ID, Purpose: purpose, Recipient: recipient, GrantedAt: now, ExpiresAt: expires,
		}
		if err := s.store.insertConsent(ctx, r); err != nil {
			return err
		}
		c = r.consent()
		return s.record(ctx, person, "person.consent_granted", purpose, recipient)
	})
	if err != nil {
		return Consent{}, err
	}
	return c, nil
}

// WithdrawConsent closes what GrantConsent opened, at once. Withdrawing what does
// not stand changes nothing and is no fault. Fault: person.not_found.
func (s *Service) WithdrawConsent(ctx context.Context, ref Ref, purpose, recipient string) error {
	purpose = strings.TrimSpace(purpose)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		person, err := s.own(ctx, ref)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		standing, err := s.store.standing(ctx, ref, purpose, recipient, now)
		if err != nil || len(standing) == 0 {
			return err
		}
		for _, r := range standing {
			if err := s.store.withdraw(ctx, ref.City, r.ID, now); err != nil {
				return err
			}
		}
		return s.record(ctx, person, "person.consent_withdrawn", purpose, recipient)
	})
}

// HasConsent tells whether a consent for the purpose and recipient stands now.
func (s *Service) HasConsent(ctx context.Context, ref Ref, purpose, recipient string) (bool, error) {
	standing, err := s.store.standing(ctx, ref, strings.TrimSpace(purpose), recipient, s.Clock.Now())
	return len(standing) > 0, err
}

// ListConsents gives all consents of a person in scope, the latest first, also
// those withdrawn or run out. Fault: person.not_found.
func (s *Service) ListConsents(ctx context.Context, ref Ref) ([]Consent, error) {
	if _, err := s.store.get(ctx, ref); err != nil {
		return nil, err
	}
	rows, err := s.store.consents(ctx, ref)
	if err != nil {
		return nil, err
	}
	out := make([]Consent, len(rows))
	for i, r := range rows {
		out[i] = r.consent()
	}
	return out, nil
}

// own reads a person for the person and for the house; a desk that sees the person
// does not consent for him.
func (s *Service) own(ctx context.Context, ref Ref) (*row, error) {
	sc, err := db.ScopeFrom(ctx)
	if err != nil {
		return nil, err
	}
	if sc.System == "" && sc.PersonID != ref.ID {
		return nil, ErrNotFound
	}
	return s.store.open(ctx, ref)
}
