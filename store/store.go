// Package store is the contract for everything that one org keeps durably but
// the large bytes of files (package blob): clients, flows, tasks, rows, logs,
// users. store/sqlite is the default implementation; store/storetest is the
// suite that each implementation passes.
//
// A method that changes something returns nil only when the change survives a
// crash and a loss of power. All methods are safe for concurrent use. Errors
// wrap the kinds of package goshawk: ErrNotFound, ErrExists, ErrFull (no space
// left; the same call may succeed when there is), ErrCorrupt, ErrUnavailable.
// A client, flow or file that is not there is ErrNotFound where nothing else
// is said, and a limit below 1 is ErrInvalid. A context that ends withdraws a
// change only while it waits for its turn; once it was begun, its outcome is
// returned. Times are kept in UTC to the microsecond.
package store

import (
	"context"
	"io"
	"iter"
	"time"

	"goshawk"
)

// Store is all that an org keeps.
type Store interface {
	Clients
	Flows
	Tasks
	Users
	Ingest
	io.Closer
}

// Clients keeps who is enrolled.
type Clients interface {
	// Enrol records a client with its public key (PKCS #1 DER). Enrolling a
	// known client again with the same key changes nothing; created says which
	// it was. Another key under the same id is goshawk.ErrExists.
	Enrol(ctx context.Context, id goshawk.ClientID, key []byte, at time.Time) (created bool, err error)
	// Keys yields the id and public key of every client.
	Keys(ctx context.Context) iter.Seq2[ClientKey, error]
	// Client returns one client.
	Client(ctx context.Context, id goshawk.ClientID) (goshawk.Client, error)
	// ListClients returns up to limit clients with an id greater than after,
	// in order of their ids, of which search is part of the id or, whatever
	// the case, of host name, FQDN or address. An empty search finds all.
	ListClients(ctx context.Context, search string, after goshawk.ClientID, limit int) ([]goshawk.Client, error)
	// Seen records when and from where clients were last heard, in bulk. It
	// never moves a time backwards and ignores clients that are not known.
	Seen(ctx context.Context, sightings []Sighting) error
}

// ClientKey is a client's public key in PKCS #1 DER.
type ClientKey struct {
	Client goshawk.ClientID
	DER    []byte
}

// Sighting says that a client was heard.
type Sighting struct {
	Client  goshawk.ClientID
	At      time.Time
	Address string
}

// Flows keeps collections and what they brought.
type Flows interface {
	// CreateFlow records a flow in state SCHEDULED together with the task that
	// starts it. A flow of that id on that client is goshawk.ErrExists, an
	// unknown client goshawk.ErrNotFound.
	CreateFlow(ctx context.Context, f goshawk.Flow, t Task) error
	// Flow returns one flow.
	Flow(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) (goshawk.Flow, error)
	// ListFlows returns up to limit flows of a client, the newest first, that
	// were created before the flow before (or all, if before is empty). Flows
	// of the same time are in order of their recording.
	ListFlows(ctx context.Context, client goshawk.ClientID, before goshawk.FlowID, limit int) ([]goshawk.Flow, error)
	// CancelFlow ends a flow. If its task was not sent, or if now is set, the
	// state is CANCELLED at once, with the reason as its error if it has none;
	// otherwise the task is queued, which asks the client to stop, and the flow
	// ends when the client says so. A flow that is final already stays as it is.
	// The flow as it is afterwards is returned.
	CancelFlow(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, c Cancel) (goshawk.Flow, error)
	// Sources lists the result sets of a flow, in order of action, then name.
	Sources(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) ([]Source, error)
	// Rows yields the batches of a result set that hold row number from and
	// later ones, in order. The batches' bytes are checked against their
	// checksum: goshawk.ErrCorrupt ends the sequence. A set that is not there
	// has no batches.
	Rows(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, s Source, from int64) iter.Seq2[RowBatch, error]
	// Logs yields the batches of log lines of a flow from the given sequence
	// number on, in the order in which they came.
	Logs(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, from int64) iter.Seq2[LogBatch, error]
	// Uploads lists the files of a flow, in order of their numbers.
	Uploads(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) ([]goshawk.Upload, error)
	// Upload returns one of them.
	Upload(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, number int64) (goshawk.Upload, error)
	// Parts lists the durable pieces of a file in order of their offsets.
	Parts(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, number int64) ([]Part, error)
}

// Cancel says how a flow is cancelled.
type Cancel struct {
	Reason string
	At     time.Time
	Now    bool // the client is not there to answer
	Task   Task // sent to a client that runs the flow
}

// Source names a result set of a flow: the same artifact can occur twice in
// one flow, as different actions.
type Source struct {
	Action int
	Name   string
	Rows   int64 // durable rows, filled by Sources
}

// Part is a piece of a file, kept as a blob of its own.
type Part struct {
	Offset, Length int64
	Blob           goshawk.Hash
}

// Tasks keeps what clients are to be told, until they were. The tasks of a flow
// that becomes final are forgotten, lest it be started again.
type Tasks interface {
	// Waiting returns what a client has not yet been sent, urgent tasks first,
	// then in order of creation, at most limit of them. With unaccepted set it
	// returns also what was sent and never accepted. A client that is not there
	// has nothing waiting.
	Waiting(ctx context.Context, client goshawk.ClientID, unaccepted bool, limit int) ([]Task, error)
	// Sent records that tasks were sent, counts them in their flows and, unless
	// keep is set, forgets them; kept ones wait for their acceptance. Ids that
	// are not there, or not of this client, are passed over.
	Sent(ctx context.Context, client goshawk.ClientID, ids []int64, at time.Time, keep bool) error
}

// Task is one message for a client. Payload is the server's own encoding.
type Task struct {
	ID      int64 // set by the store, increasing
	Client  goshawk.ClientID
	Flow    goshawk.FlowID
	Start   bool // it starts the flow, and is counted as one of its tasks
	Urgent  bool
	Payload []byte
	Created time.Time
	Sent    time.Time // zero if it was not
}

// Users keeps who may use the API.
type Users interface {
	// PutUser creates a user or changes the role of one.
	PutUser(ctx context.Context, u goshawk.User) error
	// User returns one user.
	User(ctx context.Context, name string) (goshawk.User, error)
	// ListUsers returns all users in order of their names.
	ListUsers(ctx context.Context) ([]goshawk.User, error)
}
