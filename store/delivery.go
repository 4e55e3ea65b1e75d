package store

import (
	"context"
	"time"

	"goshawk"
)

// Ingest takes what clients deliver.
type Ingest interface {
	// Commit makes a delivery durable: all of it, in one transaction, or
	// nothing. A list whose key is among those last committed from the same
	// client and lane is a repetition and changes nothing; so is a batch of
	// rows that is there already. Counters and states of flows change in the
	// same transaction. Deliveries that are submitted at the same time share a
	// commit; none waits for company.
	Commit(ctx context.Context, d Delivery) (Receipt, error)
}

// Delivery is what one packet of one client brings.
type Delivery struct {
	Client  goshawk.ClientID
	Lane    Lane
	At      time.Time
	Address string
	Lists   []List
}

// Lane is a way on which a client repeats one packet until it gets through.
type Lane uint8

// The lanes. Packets of LaneReader repeat a constant list, so that their keys
// say nothing and are not kept.
const (
	LaneNormal Lane = iota
	LaneUrgent
	LaneReader
)

// KeptPackets is how many packets' keys are remembered per client and lane: a
// client has one packet under way in each and repeats it until it succeeds.
const KeptPackets = 4

// List is a part of a delivery that is repeated as a whole.
type List struct {
	Key     [32]byte
	Effects []Effect
}

// Effect is one change that a delivery asks for.
type Effect interface{ effect() }

// The effects. One that names a flow which the client does not have is left
// out and counted in Receipt.Strange.
type (
	// RowBatch adds rows to a result set. It is a repetition if the set
	// already holds rows with the number First or a later one.
	RowBatch struct {
		Flow   goshawk.FlowID
		Action int
		Source string
		First  int64
		Count  int64 // counted by the server
		Data   []byte
		Coding Coding
		Raw    int64 // bytes of the JSON lines
	}

	// LogBatch adds log lines (JSON lines, see wire.Logs).
	LogBatch struct {
		Flow  goshawk.FlowID
		Seq   int64 // set by the store: counts the flow's batches
		Count int64
		JSONL []byte
		Error string // first line that is an error, if any
	}

	// Progress is what an agent says of a flow. Complete flows become final
	// when everything that they claim to have sent is durable.
	Progress struct {
		Flow      goshawk.FlowID
		Complete  bool
		Cancelled bool
		Error     string
		Rows      int64 // claimed
		Uploads   int64 // claimed
		Started   time.Time
	}

	// UploadPart adds a piece of a file whose bytes are in a blob already.
	// Upload tells what is known of the file; its Received and Done are not
	// read. A part with Length 0 only tells more of the file.
	UploadPart struct {
		Upload goshawk.Upload
		Part   Part
		// Last is set when the client sent everything: the file is done when
		// all its StoredSize bytes are durable.
		Last bool
	}

	// UploadDone states the SHA-256 of a file all of whose parts are durable.
	UploadDone struct {
		Flow   goshawk.FlowID
		Number int64
		SHA256 goshawk.Hash
	}

	// ClientFacts replaces what is known of the client; empty fields are left as they are.
	ClientFacts struct{ Client goshawk.Client }

	// TaskAccepted forgets the tasks of a flow that were sent.
	TaskAccepted struct{ Flow goshawk.FlowID }
)

// Coding is how the bytes of a batch are kept.
type Coding uint8

// The codings. Their numbers are stored.
const (
	Plain Coding = 0
	Zlib  Coding = 1
	Zstd  Coding = 2
)

// Receipt says what a commit changed.
type Receipt struct {
	Repeated int            // lists and batches that were there already
	Strange  int            // effects of flows that the client does not have
	Changed  []goshawk.Flow // flows that changed, as they are now
}

func (RowBatch) effect()     {}
func (LogBatch) effect()     {}
func (Progress) effect()     {}
func (UploadPart) effect()   {}
func (UploadDone) effect()   {}
func (ClientFacts) effect()  {}
func (TaskAccepted) effect() {}

// Claim is what an agent last said of a flow, kept beside it.
type Claim struct {
	Complete  bool
	Cancelled bool
	Error     string
	Rows      int64
	Uploads   int64
}

// Settle works out a flow's state from what the agent claims and what is
// durable, and sets Finished when it becomes final. A flow that was completed
// by its agent ends when all claimed rows and files are durable; one that was
// cancelled ends at once, since an agent throws away what it had not sent.
// Every implementation calls it in the transaction that changes a flow.
func Settle(f *goshawk.Flow, c Claim, at time.Time) {
	if f.State.Final() || !c.Complete {
		return
	}
	if c.Cancelled {
		f.State, f.Finished = goshawk.FlowCancelled, at
		return
	}
	if f.Rows < c.Rows || f.Uploads < c.Uploads {
		return
	}
	f.State, f.Finished = goshawk.FlowFinished, at
	if f.Error != "" {
		f.State = goshawk.FlowError
	}
}
