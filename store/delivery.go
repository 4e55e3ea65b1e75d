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
	// client and lane, in packets before this one, is a repetition and changes
	// nothing; so is a batch of rows that is there already. Counters and states
	// of flows change in the same transaction. A packet counts for each flow of
	// which it brings something that is no repetition. Deliveries that are
	// submitted at the same time share a commit; none waits for company.
	Commit(ctx context.Context, d Delivery) (Receipt, error)
}

// Delivery is what one packet of one client brings.
type Delivery struct {
	Client  goshawk.ClientID
	Lane    Lane
	At      time.Time
	Address string // if it is set, the client was seen there at that time
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

// The effects. One that names a flow which the client does not have, or whose
// numbers make no sense, is left out and counted in Receipt.Strange.
type (
	// RowBatch adds rows to a result set. It is a repetition if the set
	// already holds rows with the number First or a later one. Gaps are taken
	// as they come. A batch with Count 0 is not kept.
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

	// LogBatch adds log lines (JSON lines, see wire.Logs). One without lines
	// only tells its Error.
	LogBatch struct {
		Flow  goshawk.FlowID
		Seq   int64 // set by the store: counts the flow's batches
		Count int64
		JSONL []byte
		Error string // first line that is an error, if any
	}

	// Progress is what an agent says of a flow. Complete flows become final
	// when everything that they claim to have sent is durable. One that is not
	// complete does not undo one that was: it was overtaken on its way.
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
	// Upload tells what is known of the file; its Received, Last and Done are
	// not read, and empty fields are left as they are. A part with Length 0 only
	// tells more of the file. Parts are placed by their offsets, in any order.
	// One that lies wholly in what is there is a repetition. One that begins
	// where nothing is and runs into what is there is cut: what is new of it
	// is kept. Any other overlap is strange, since a blob begins with its part;
	// so is what goes beyond the end of a file whose Last was seen.
	UploadPart struct {
		Upload goshawk.Upload
		Part   Part
		// Last is set when the client sent everything: the file is whole when
		// all its StoredSize bytes are durable. Before, sizes only grow;
		// those that come with it stand.
		Last bool
	}

	// UploadDone states the SHA-256 of a file that is whole, which makes it
	// done; for any other it is strange, and for one that is done a repetition.
	// It is the server's own word: the packet does not count for the flow.
	UploadDone struct {
		Flow   goshawk.FlowID
		Number int64
		SHA256 goshawk.Hash
	}

	// ClientFacts replaces what is known of the client; empty fields are left
	// as they are. Its id, address and times are not read.
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
	Repeated int            // lists, batches and parts that were there already
	Strange  int            // effects that were left out
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
