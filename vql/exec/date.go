package exec

import (
	"time"

	"github.com/araddon/dateparse"
)

// maxDate is the longest text that is tried as a date.
const maxDate = 128

// ParseDate reads a date in any of the usual forms; loc is the zone of texts
// that name none. ok is false if it is no date.
func ParseDate(text string, loc *time.Location) (at time.Time, ok bool) {
	if text == "" || len(text) > maxDate {
		return time.Time{}, false
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, true
	}
	defer func() { // the library has panicked on odd input
		if recover() != nil {
			at, ok = time.Time{}, false
		}
	}()
	at, err := dateparse.ParseIn(text, loc)
	return at, err == nil
}
