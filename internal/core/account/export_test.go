package account

// CheapPasswords makes hashes cost next to nothing, for tests that are about
// something else.
func (s *Service) CheapPasswords() {
	s.cost = cost{time: 1, memory: 64, lanes: 1}
	s.nobody = hashPassword(s.cost, "no account has this password")
}
