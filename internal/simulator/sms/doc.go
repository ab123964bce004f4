// Package sms simulates an SMS gateway and the phones behind it.
//
// Nouns: a Call is one message handed to the gateway, with what became of it; a
// phone's messages are what arrived there.
//
// Faults, each at a rate between 0 and 1, drawn from a seed: Refuse (the gateway
// says that this message will never go), Busy (it says: later), AnswerLost (it
// accepts the message, but the caller gets an error: the case idempotency is
// for), Twice (it delivers an accepted message twice), Lose (it accepts and the
// phone never gets it), and a Delay before an accepted message reaches the phone.
//
// Like a good gateway it accepts a Key once: a message sent again after an
// answer was lost is answered "accepted" and not delivered again. With
// ForgetKeys it behaves like a bad one.
package sms
