package search

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"

	"gonghui/internal/kit/clock"
)

// cursor is the place behind one hit: its key, its id, the query it belongs to
// and the day by which ages were reckoned, so that midnight moves nothing.
type cursor struct {
	sign  uint32
	key   uint32
	today clock.Day
	id    string
}

const cursorVersion = 1

func (c cursor) String() string {
	b := []byte{cursorVersion}
	b = binary.BigEndian.AppendUint32(b, c.sign)
	b = binary.BigEndian.AppendUint32(b, c.key)
	b = binary.BigEndian.AppendUint32(b, uint32(c.today))
	b = append(b, c.id...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.RawURLEncoding.EncodeToString(b)
}

var errCursor = errors.New("not a cursor of this index")

func parseCursor(s string) (cursor, error) {
	if len(s) > 400 {
		return cursor{}, errCursor
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return cursor{}, err
	}
	const head, tail = 13, 4
	n := len(b) - tail
	if n <= head || b[0] != cursorVersion || crc32.ChecksumIEEE(b[:n]) != binary.BigEndian.Uint32(b[n:]) {
		return cursor{}, errCursor
	}
	return cursor{
		sign:  binary.BigEndian.Uint32(b[1:]),
		key:   binary.BigEndian.Uint32(b[5:]),
		today: clock.Day(int32(binary.BigEndian.Uint32(b[9:]))),
		id:    string(b[head:n]),
	}, nil
}
