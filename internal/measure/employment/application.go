package employment

import (
	"encoding/json"
	"slices"
	"time"

	"gonghui/internal/kit/clock"
)

// MaxMessage is the longest message to a company, in runes.
const MaxMessage = 500

// Application is one person's bid for one vacancy. It lies in the custody of
// the vacancy's city; the person is named by reference.
type Application struct {
	CityCode, ID, Number   string
	OrgPath                string
	VacancyID, CompanyID   string
	PersonCity, PersonID   string
	State                  string
	Message                string
	Name                   string // as it was on the day of applying
	Summary                Summary
	SharePhone             bool // the worker lets this company see the number
	InterviewAt            time.Time
	InterviewPlace         string
	OutcomeNote            string
	NoReplyAt              time.Time
	CompanyArrivedOn       clock.Day
	WorkerArrivedOn        clock.Day
	Version                int
	CreatedAt, UpdatedAt   time.Time
	VacancyTitle, Employer string // read models fill these
	VacancyNumber          string
	DueAt                  time.Time
}

// Summary is what the company sees of the applicant, frozen on the day of
// applying. It holds no number, no address and no sex, and of the groups only
// those that the vacancy welcomes: what a company may not choose by, it is not told.
type Summary struct {
	Education int      `json:"education,omitempty"`
	Years     int      `json:"years,omitempty"`
	Wanted    string   `json:"wanted,omitempty"`
	Skills    string   `json:"skills,omitempty"`
	About     string   `json:"about,omitempty"`
	Groups    []string `json:"groups,omitempty"`
	Place     string   `json:"place,omitempty"` // division code
}

func (s Summary) text() string {
	b, err := json.Marshal(s)
	if err != nil { // a struct of plain values always encodes
		return "{}"
	}
	return string(b)
}

func readSummary(text string) Summary {
	var s Summary
	if text != "" {
		_ = json.Unmarshal([]byte(text), &s) // written by text(); an empty summary is the honest fallback
	}
	return s
}

// Open tells whether the application can still lead to a job.
func (a Application) Open() bool {
	return a.State != "arrived" && !slices.Contains(closedStates, a.State)
}

// closedStates are those in which an application has ended without a job.
var closedStates = []string{"rejected", "declined", "no_show", "lapsed", "withdrawn"}

// Seeker is what a worker told us about the work wanted; nothing of it is
// required to apply.
type Seeker struct {
	CityCode, PersonID string
	OccupationCode     string
	Wanted             string   // in the worker's own words
	Places             []string // up to three division codes
	PayMinFen          int64    // a month
	Years              int
	Skills, About      string
	Version            int
	UpdatedAt          time.Time
}

// SeekerInput is the job profile form.
type SeekerInput struct {
	Name      string   `form:"name" json:"name" check:"required,name,max=50"`
	Division  string   `form:"division" json:"division_code" check:"max=12"`
	Education int      `form:"education" json:"education" check:"int"`
	Years     int      `form:"years" json:"years" check:"int"`
	Wanted    string   `form:"wanted" json:"wanted" check:"max=60"`
	Groups    []string `form:"groups" json:"groups"`
	Skills    string   `form:"skills" json:"skills" check:"max=200"`
	About     string   `form:"about" json:"about" check:"max=500"`
}

// ApplyInput is all that an application needs beyond what the house knows.
type ApplyInput struct {
	Number     string `form:"number" json:"vacancy" check:"required,max=40"`
	Name       string `form:"name" json:"name" check:"name,max=50"` // only where the house has none yet
	Message    string `form:"message" json:"message" check:"max=500"`
	SharePhone bool   `form:"share_phone" json:"share_phone"`
}

// StepInput moves an application or a vacancy one step.
type StepInput struct {
	City, ID  string    `form:"-" json:"-"`
	Event     string    `form:"event" json:"event" check:"required,max=40"`
	Version   int       `form:"version" json:"version"`
	Reason    string    `form:"reason" json:"reason" check:"max=500"`
	At        time.Time `form:"-" json:"at,omitzero"` // interview
	Place     string    `form:"place" json:"place" check:"max=200"`
	ArrivedOn clock.Day `form:"arrived_on" json:"arrived_on" check:"day"`
	Note      string    `form:"note" json:"note" check:"max=500"`
}
