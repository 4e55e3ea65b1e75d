package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

// Uploader sends files to where the results of a collection go.
type Uploader interface {
	// Upload sends one file and returns when its last byte is taken over. The
	// Reader is the caller's, who closes it; Size may be wrong (files of /proc
	// have none), so that the end of the Reader is the end of the file.
	//
	// The uploader numbers the files of a collection from 0. When it is given
	// an accessor and a stored name for a second time in a collection it sends
	// nothing and returns the first result again.
	Upload(ctx context.Context, r UploadRequest) (UploadResult, error)
}

// UploadRequest is a file to send.
type UploadRequest struct {
	Path     accessor.Path // where it is
	Accessor string        // through which it is read
	StoreAs  accessor.Path // where it goes in the upload area: Path, unless the query says otherwise
	Mode     fs.FileMode
	Times    Times
	Size     int64 // as the file system tells it
	Reader   accessor.File
}

// Times are those of a file; a zero time is unknown.
type Times struct{ Modified, Accessed, Changed, Born time.Time }

// UploadResult is what a query gets. Fields without a value are left out, but
// for the first three.
type UploadResult struct {
	Path       string // of the source
	Size       uint64
	UploadID   int64
	StoredSize uint64 // less than Size if there were holes
	Error      string
	SHA256     string // of the stored bytes, in hex
	MD5        string
	StoredName string
	Reference  string
	Components []string // in the upload area
	Accessor   string
	Type       string
}

// Value returns the result as a dict.
func (r *UploadResult) Value() row.Value {
	d := &row.Dict{}
	d.Set("Path", row.String(r.Path))
	d.Set("Size", row.Uint(r.Size))
	d.Set("UploadId", row.Int(r.UploadID))
	if r.StoredSize != 0 {
		d.Set("StoredSize", row.Uint(r.StoredSize))
	}
	setText(d, "Error", r.Error)
	setText(d, "sha256", r.SHA256)
	setText(d, "md5", r.MD5)
	setText(d, "StoredName", r.StoredName)
	setText(d, "Reference", r.Reference)
	if len(r.Components) > 0 {
		d.Set("Components", row.Strings(r.Components))
	}
	setText(d, "Accessor", r.Accessor)
	setText(d, "Type", r.Type)
	return row.FromDict(d)
}

func setText(d *row.Dict, key, text string) {
	if text != "" {
		d.Set(key, row.String(text))
	}
}

type uploadArgs struct {
	File     row.Value `vql:"file,required" doc:"the file to send"`
	Name     row.Value `vql:"name" doc:"under which name to store it, its path if it is not given"`
	Accessor string    `vql:"accessor" doc:"which accessor to use, auto if it is not given"`
	Mtime    row.Value `vql:"mtime" doc:"time of modification to record instead of the file's"`
	Atime    row.Value `vql:"atime" doc:"time of access to record"`
	Ctime    row.Value `vql:"ctime" doc:"time of change to record"`
	Btime    row.Value `vql:"btime" doc:"time of birth to record"`
}

var errNoUploader = errors.New("Uploader not configured: there is nowhere to send files to")

func (t *topic) uploadFunction() vql.Function {
	return vql.NewFunction(vql.Spec{
		Name: "upload", Doc: "sends a file to the server, and tells its size and hash", Version: 3,
	}, func(ctx context.Context, c *vql.Call, a *uploadArgs) (row.Value, error) {
		if t.Uploader == nil {
			return row.Null, errNoUploader
		}
		fsys, r, err := t.request(a)
		if err != nil {
			return row.Null, err
		}
		if r.Reader, err = fsys.Open(ctx, r.Path); err != nil {
			c.Log(vql.Warn, "upload: %v", unreadable(r.Path, err))
			return (&UploadResult{Error: err.Error()}).Value(), nil
		}
		defer r.Reader.Close()
		info, err := fsys.Stat(ctx, r.Path)
		if err != nil {
			return row.Null, unreadable(r.Path, err)
		}
		r.Size, r.Mode, r.Times = info.Size, info.Mode, a.times(info)
		return t.send(ctx, c, r)
	})
}

// request is what the arguments alone say of a file to send.
func (t *topic) request(a *uploadArgs) (accessor.FileSystem, UploadRequest, error) {
	fsys, p, err := t.target(a.Accessor, a.File)
	r := UploadRequest{Path: p, StoreAs: p, Accessor: a.Accessor}
	if r.Accessor == "" {
		r.Accessor = "auto"
	}
	if err == nil && !a.Name.IsNull() {
		r.StoreAs, err = accessor.PathOf(fsys, a.Name)
	}
	return fsys, r, err
}

// send hands the file over. That it cannot be read to its end is a warning,
// that it cannot be sent an error.
func (t *topic) send(ctx context.Context, c *vql.Call, r UploadRequest) (row.Value, error) {
	s := &source{File: r.Reader}
	r.Reader = s
	result, err := t.Uploader.Upload(ctx, r)
	switch {
	case err != nil && s.failed != nil:
		c.Log(vql.Warn, "upload: %v", unreadable(r.Path, s.failed))
	case err != nil:
		c.Log(vql.Error, "upload: %s: %v", r.Path, err)
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result.Value(), nil
}

// source is a file that remembers why it could not be read.
type source struct {
	accessor.File
	failed error
}

// Read reads the file.
func (s *source) Read(b []byte) (int, error) {
	n, err := s.File.Read(b)
	if err != nil && err != io.EOF {
		s.failed = err
	}
	return n, err
}

// times are those that the query gives, else the file's.
func (a *uploadArgs) times(i *accessor.Info) Times {
	pick := func(given row.Value, own time.Time) time.Time {
		if at, ok := vql.ToTime(given, time.UTC); ok {
			return at
		}
		return own
	}
	return Times{pick(a.Mtime, i.Mtime), pick(a.Atime, i.Atime), pick(a.Ctime, i.Ctime), pick(a.Btime, i.Btime)}
}
