package wire

import "time"

// Body is the content of a message: one of the types of this file.
type Body interface{ body() }

// What a server says.
type (
	// FlowRequest asks an agent to run collections, all at once, each in a scope of its own.
	FlowRequest struct {
		Collections    []Collection
		Trace          []Collection  // run beside the others, cancelled when they end
		LogEvery       time.Duration // how often logs are flushed; 0: the agent's default
		StatsEvery     time.Duration // how often progress is told; 0: the agent's default
		MaxRows        int64
		MaxUploadBytes int64
		MaxLogLines    int64
		ErrorPattern   string // log lines that match count as errors
		Compress       bool   // compress rows and files one by one
	}

	// Cancel stops the flow of its session.
	Cancel struct{ By string }

	// StatusRequest asks which flows still run and how far they are.
	StatusRequest struct{ Flows []string }

	// EventTable is all event queries that a client must run. Zero queries stop all.
	EventTable struct {
		Version uint64 // nanoseconds since 1970
		Queries []Collection
	}

	// Shutdown ends the agent's process.
	Shutdown struct{}

	// ResumeUploads asks for the rest of files that were cut off.
	ResumeUploads struct {
		Flow           string
		MaxUploadBytes int64
		Compress       bool
		Uploads        []UploadBegin // Start says how many bytes are there
		Timeout        time.Duration
	}
)

// What an agent says.
type (
	// CSR asks for enrolment with the key in it (PEM of PKCS #10).
	CSR struct{ PEM []byte }

	// Checkin says which event table the agent runs.
	Checkin struct{ EventTable uint64 }

	// Rows is a batch of results of one statement.
	Rows struct {
		Name      string // as the server called the query, see Query
		Action    int    // index of the collection in the request
		ActionSet bool   // whether the agent says Action: stock agents do not
		Statement int    // index of the statement in its collection
		Part      int    // counts the batches of the statement
		First     int64  // number of the first row under Name, from 0
		Count     int64  // rows, as the agent claims
		Columns   []string
		Data      []byte // JSON lines, as in Encoding
		Encoding  Encoding
		RawSize   int64 // length of the JSON lines when Data is compressed
		RawOffset int64 // sum of RawSize of all batches before, when compressed
		At        time.Time
	}

	// Logs is a batch of log lines, JSON objects with client_time (seconds),
	// level and message, each ended by a newline.
	Logs struct {
		First    int64 // number of the first line in the flow, from 0
		Count    int64
		JSONL    []byte
		Artifact string // event queries only
		Level    string // ALERT for an alert, which travels alone
		Error    string // the agent's refusal of a message, outside of any query
	}

	// Stats is how far a flow is. Each replaces the one before.
	Stats struct {
		Queries     []QueryStats
		Complete    bool // nothing more runs
		Outstanding int64
	}

	// UploadBegin announces a file.
	UploadBegin struct {
		Number     int64
		Path       string
		Accessor   string
		StoreAs    string
		Components []string
		Size       int64 // as expected
		Mode       int64
		Times      FileTimes
		Start      int64  // first byte that will be sent
		Response   string // set when a resumable upload ends: JSON of its result
	}

	// UploadChunk is a piece of a file.
	UploadChunk struct {
		Number     int64
		Path       string
		Accessor   string
		Components []string
		Offset     int64 // of Data in the stored bytes
		Data       []byte
		Encoding   Encoding
		RawSize    int64 // length of the piece when Data is compressed
		EOF        bool
		Size       int64 // of the file
		StoredSize int64 // see goshawk.Upload; of plain files up to and with this piece
		Sparse     bool
		Index      []Range // with EOF, of sparse files
		Times      FileTimes
	}

	// Accepted says that the agent has taken over the request of its session
	// and will run it. Only Goshawk agents say so.
	Accepted struct{}
)

// Collection is one scope: its statements run in order.
type Collection struct {
	Queries         []Query
	Env             []Variable
	Artifacts       []Artifact // definitions that the queries call
	Precondition    string     // statements; run only if they yield a row
	MaxRows         int64      // rows to a batch; 0: the agent's default
	MaxBatchBytes   int64      // bytes to a batch; 0: the agent's default
	MaxWait         time.Duration
	Timeout         time.Duration
	ProgressTimeout time.Duration
	Heartbeat       time.Duration
	CPULimit        float64 // per cent of all cores
	IOPSLimit       float64
	Expires         time.Time // not run after it; zero: never
	Index, Total    int       // 1-based place among the collections, informative
}

// Query is one statement. Rows of a query without a name are not kept.
type Query struct{ Name, VQL string }

// Variable is a string that the scope begins with.
type Variable struct{ Key, Value string }

// Artifact is the part of a definition that an agent needs to run it.
type Artifact struct {
	Name         string
	Type         string
	Parameters   []Parameter
	Precondition string
	Sources      []Source
	Imports      []string
	Export       string
}

// Parameter of an artifact.
type Parameter struct{ Name, Type, Default string }

// Source of an artifact: single statements under a name.
type Source struct {
	Name         string
	Precondition string
	Queries      []string
}

// Encoding says how bytes are compressed.
type Encoding uint8

// The encodings.
const (
	Plain Encoding = iota
	Zlib           // RFC 1950
)

// QueryStats is the state of one collection of a flow.
type QueryStats struct {
	State         QueryState
	Error         string // the first; may be set while it still runs
	Backtrace     string
	Duration      time.Duration
	Names         []string // queries that had rows
	Logs          int64
	Rows          int64
	Uploads       int64
	UploadedBytes int64
	ExpectedBytes int64
	FirstActive   time.Time
	LastActive    time.Time
}

// QueryState is how a collection stands.
type QueryState uint8

// The states of a collection.
const (
	QueryDone QueryState = iota
	QueryRunning
	QueryFailed
	QueryUnknown // the agent does not know the flow: it was restarted
)

// FileTimes are the times of a file; zero is unknown.
type FileTimes struct{ Modified, Accessed, Changed, Born time.Time }

// Range is a run of bytes of a sparse file.
type Range struct {
	StoredOffset int64
	Offset       int64
	Stored       int64 // 0 for a hole
	Length       int64
}

func (*FlowRequest) body()   {}
func (*Cancel) body()        {}
func (*StatusRequest) body() {}
func (*EventTable) body()    {}
func (*Shutdown) body()      {}
func (*ResumeUploads) body() {}
func (*CSR) body()           {}
func (*Checkin) body()       {}
func (*Rows) body()          {}
func (*Logs) body()          {}
func (*Stats) body()         {}
func (*UploadBegin) body()   {}
func (*UploadChunk) body()   {}
func (*Accepted) body()      {}
