package company

import "context"

// How a company was recognised, with the confidence that it is the one, in percent.
const (
	ByCreditCode = "credit_code"
	ByName       = "name"
)

// Match is a company that a name or code of a list means.
type Match struct {
	Known
	By         string // ByCreditCode, ByName; "" = nobody was found
	Confidence int    // percent: 100 by the code, 80 by a name whose company has no code or where the list has none, 60 by the name against another code
}

// Recognise finds the companies that the codes and names of a list mean, in the
// order given: by the credit code, else by the name as it is kept. It makes none
// and asks no scope: the batch that calls it decides who sees what. Faults: those
// of reading.
func (s *Service) Recognise(ctx context.Context, list []Listed) ([]Match, error) {
	out := make([]Match, len(list))
	for from := 0; from < len(list); from += chunk {
		part := list[from:min(from+chunk, len(list))]
		b := &bulk{service: s, list: part, out: make([]Known, len(part)), keys: make([]keys, len(part))}
		for i, l := range part {
			b.keys[i] = s.keysOf(l)
		}
		if err := b.read(ctx); err != nil {
			return nil, err
		}
		for i, l := range part {
			k := b.keys[i]
			m := &out[from+i]
			r := b.codes[k.code]
			switch {
			case r != nil:
				m.By, m.Confidence = ByCreditCode, 100
			case b.names[k.name] != nil:
				r, m.By, m.Confidence = b.names[k.name], ByName, 80
				if l.CreditCode != "" && r.CreditCode != "" {
					m.Confidence = 60
				}
			default:
				continue
			}
			m.Known = Known{CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Name: r.Name, State: r.State}
		}
	}
	return out, nil
}
