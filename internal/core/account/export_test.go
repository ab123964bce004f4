package account

// CheapPasswords makes hashes cost next to nothing, for tests that are about
// something else.
func (s *Service) CheapPasswords() {
	s.cost = cost{time: 1, memory: 64, lanes: 1}
	s.nobody = hashPassword(s.cost, "no account has this password")
}

// Occupy takes the turns of n who want to hash until the func it gives is called.
func (s *Service) Occupy(n int) (leave func()) {
	s.waiting.Add(int32(n))
	return func() { s.waiting.Add(int32(-n)) }
}

// MaxWaiting bounds who waits for a turn to hash.
const MaxWaiting = maxWaiting
