package notice

import "context"

// Message is one SMS.
type Message struct {
	To   string // mobile number, 11 digits
	Text string
	Key  string // the same key is the same message, however often it is sent
}

// Gateway takes messages to phones. Send returns nil when the gateway has
// accepted the message. A second Send with a Key that was accepted before must
// not reach the phone again. A fault of kind invalid means that this message will
// never be accepted; any other error may pass with time.
type Gateway interface {
	Send(ctx context.Context, m Message) error
}
