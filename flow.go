package goshawk

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// FlowID names one collection: "F." and 13 base32hex characters, and ".H"
// after them if it belongs to the hunt with the same 13. It is unique for one
// client only: a hunt's flow has the same id on every client.
type FlowID string

// Monitoring is the flow id under which event queries report.
const Monitoring FlowID = "F.Monitoring"

// idChars is the length of what follows "F." and "H.".
const idChars = 13

// NewFlowID returns a fresh id that sorts by the second in which it was made.
func NewFlowID(now time.Time) FlowID { return FlowID("F." + newID(now)) }

func newID(now time.Time) string {
	var b [8]byte
	binary.BigEndian.PutUint32(b[:4], uint32(now.Unix()))
	rand.Read(b[4:]) // never fails
	return base32.HexEncoding.EncodeToString(b[:])[:idChars]
}

// ParseFlowID checks that s has the form of a flow id.
func ParseFlowID(s string) (FlowID, error) {
	body, ok := strings.CutPrefix(s, "F.")
	body = strings.TrimSuffix(body, ".H")
	if ok && len(body) == idChars && isBase32Hex(body) {
		return FlowID(s), nil
	}
	return "", fmt.Errorf("%w: %q is no flow id (F. and 13 characters)", ErrInvalid, clip(s))
}

func isBase32Hex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'V') {
			return false
		}
	}
	return true
}

// FlowState is where a flow is in its life.
type FlowState string

// The states of a flow. The last four are final: nothing changes afterwards
// but late rows, logs and files, which are still taken.
const (
	FlowScheduled FlowState = "SCHEDULED" // stored, nothing heard of it yet
	FlowRunning   FlowState = "RUNNING"   // the agent has begun, or its rows are not all durable
	FlowFinished  FlowState = "FINISHED"
	FlowError     FlowState = "ERROR"
	FlowCancelled FlowState = "CANCELLED"
	FlowExpired   FlowState = "EXPIRED"
)

// Final says whether the state is an end.
func (s FlowState) Final() bool {
	switch s {
	case FlowFinished, FlowError, FlowCancelled, FlowExpired:
		return true
	}
	return false
}

// Flow is one collection from one client. Its counters are those of the store,
// counted in the transaction that made the things durable.
type Flow struct {
	ID        FlowID
	Client    ClientID
	Creator   string
	Artifacts []string // empty for a raw query
	State     FlowState
	Error     string // the first error, if any

	Rows          int64 // durable rows of result sets
	Logs          int64 // durable log lines
	Uploads       int64 // files that are durable to their last byte
	UploadedBytes int64 // durable bytes of files
	Tasks         int64 // tasks sent to the client for it
	Packets       int64 // packets received that carried anything of it
	Batches       int64 // batches of rows written, logs not counted

	Created  time.Time
	Started  time.Time // zero until the agent was heard
	Finished time.Time // zero until the state is final
}

// How the errors begin with which an agent ends a collection at one of its limits.
const (
	TimedOut    = "Query timed out"
	RowLimit    = "Row limit reached"
	UploadLimit = "Upload limit reached"
	Expired     = "Query expired"
)

// Stopped says whether the flow was ended by a limit, a time-out or a cancel,
// rather than by itself.
func (f Flow) Stopped() bool {
	switch f.State {
	case FlowCancelled, FlowExpired:
		return true
	case FlowError:
		for _, begin := range []string{TimedOut, RowLimit, UploadLimit, Expired} {
			if strings.HasPrefix(f.Error, begin) {
				return true
			}
		}
	}
	return false
}

// Limits bound what a flow may use. Zero means the server's default in a
// request, and none on the agent.
type Limits struct {
	Rows        int64         // of all result sets together
	UploadBytes int64         // before compression
	LogLines    int64         // more are dropped, and one line says so
	Time        time.Duration // of each query
	CPU         float64       // per cent of all cores
	IOPS        float64       // operations a second
}

// Or returns the limits with those of d where l sets none.
func (l Limits) Or(d Limits) Limits {
	if l.Rows == 0 {
		l.Rows = d.Rows
	}
	if l.UploadBytes == 0 {
		l.UploadBytes = d.UploadBytes
	}
	if l.LogLines == 0 {
		l.LogLines = d.LogLines
	}
	if l.Time == 0 {
		l.Time = d.Time
	}
	if l.CPU == 0 {
		l.CPU = d.CPU
	}
	if l.IOPS == 0 {
		l.IOPS = d.IOPS
	}
	return l
}
