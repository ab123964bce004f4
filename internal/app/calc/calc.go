package calc

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/fault"
)

// MaxLine is the longest line that is read, in bytes, its end not counted. A
// longer one is answered with an error and skipped without being held in memory.
const MaxLine = 1 << 20

// Calculator answers one line, a JSON object in valid UTF-8. Its answer is
// written as JSON; its error becomes the text of "error".
type Calculator func(line []byte) (any, error)

// Table names the calculators.
type Table map[string]Calculator

// Kit gives the calculators that need no measure room: ident, deadline, vote, size.
func Kit() Table {
	return Table{"ident": Ident, "deadline": Deadline, "vote": Vote, "size": Size}
}

// Run answers each line of in with the calculator of the name. It returns a
// fault Invalid "calc.unknown" for a name that the table does not have, else only
// what reading and writing return: a bad line is an answer, not an end.
func Run(table Table, name string, in io.Reader, out io.Writer) error {
	calculate, ok := table[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(table)), ", ")
		return fault.New(fault.Invalid, "calc.unknown", fault.With("Names", names))
	}
	r := bufio.NewReaderSize(in, 64<<10)
	w := bufio.NewWriter(out)
	first := true
	for {
		line, tooLong, readErr := readLine(r)
		if first {
			line, first = bytes.TrimPrefix(line, []byte("\ufeff")), false
		}
		ended := len(line) > 0 || tooLong // the end of the input is no line
		if line = bytes.TrimSpace(line); ended {
			if err := answer(w, calculate, line, tooLong); err != nil {
				return err
			}
		}
		// Answer at once when nothing more is waiting: a person may be typing.
		if r.Buffered() == 0 || readErr != nil {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

// readLine reads up to the next line end. Of a line past MaxLine it keeps
// nothing. The error is that of the reader; the line before it counts.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
			if len(bytes.TrimRight(line, "\r\n")) > MaxLine {
				line, tooLong = nil, true
			}
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

func answer(w io.Writer, calculate Calculator, line []byte, tooLong bool) error {
	var result any
	err := errTooLong
	if !tooLong {
		result, err = calculateLine(calculate, line)
	}
	if err != nil {
		result = struct {
			Error string `json:"error"`
		}{text(err)}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(result)
}

var (
	errTooLong = fmt.Errorf("line: longer than %d bytes", MaxLine)
	errUTF8    = errors.New("line: not valid UTF-8")
	errObject  = errors.New("line: not a JSON object")
	errEmpty   = errors.New("line: empty")
)

func calculateLine(calculate Calculator, line []byte) (any, error) {
	if len(line) == 0 {
		return nil, errEmpty
	}
	if !utf8.Valid(line) {
		return nil, errUTF8
	}
	if line[0] != '{' || !json.Valid(line) {
		return nil, errObject
	}
	return calculate(line)
}

// text says in one line what is wrong: "employment.pay: malformed".
func text(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err.Error()
	}
	s := f.Code
	for _, x := range f.Fields {
		s += ": " + x.Code
	}
	return s
}

// decode reads the object into dst and says which field has the wrong type.
func decode(line []byte, dst any) error {
	err := json.Unmarshal(line, dst)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s: cannot be a %s", wrong.Field, wrong.Value)
	}
	return err
}

func missing(field string) error { return fmt.Errorf("%s: missing", field) }
