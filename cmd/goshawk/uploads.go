package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"connectrpc.com/connect"

	"goshawk/row"
	apiv1 "goshawk/web/api/v1"
)

type flowsUploads struct {
	formats
	remote
	ofFlow
	Output string `name:"output" type:"path" placeholder:"DIR" help:"Fetch the files into this folder."`
}

// Help is shown by --help.
func (flowsUploads) Help() string {
	return "Example: goshawk flows uploads --api_config ann.api.yaml --client C.1234567890abcdef F.D4AF7G3N0O5K2 --output files"
}

// Run lists a flow's files, and fetches them if there is a folder for them.
func (c *flowsUploads) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	found, err := api.flows.Uploads(ctx, connect.NewRequest(c.ref()))
	if err != nil {
		return err
	}
	out := c.printer(os.Stdout)
	for _, u := range found.Msg.Uploads {
		path := ""
		if c.Output != "" {
			if path, err = c.fetch(ctx, api, u); err != nil {
				return fmt.Errorf("file %d: %w", u.Number, err)
			}
		}
		if err := out.row(uploadRow(u, path)); err != nil {
			return err
		}
	}
	return out.close()
}

var uploadColumns = row.NewColumns("number", "accessor", "components", "size", "stored_size", "received", "sha256", "done", "path")

func uploadRow(u *apiv1.Upload, path string) *row.Dict {
	return row.NewDict(uploadColumns, []row.Value{
		row.Int(u.Number), row.String(u.Accessor), row.Strings(u.Components), row.Int(u.Size), row.Int(u.StoredSize),
		row.Int(u.Received), row.String(u.Sha256), row.Bool(u.Done), row.String(path),
	})
}

// safeName makes a name from a client fit for a folder of ours: what could be
// taken for a path, or is not visible, is written as %XX.
func safeName(s string) string {
	s = url.PathEscape(s)
	if strings.Trim(s, ".") == "" {
		s = strings.ReplaceAll(s, ".", "%2E")
	}
	if s == "" {
		s = "%00"
	}
	const longest = 200 // of a name, in bytes; file systems allow some 255
	if len(s) > longest {
		sum := sha256.Sum256([]byte(s))
		s = s[:longest-17] + "~" + hex.EncodeToString(sum[:8])
	}
	return s
}

// place is where a file goes below the folder: accessor, then its components.
func place(u *apiv1.Upload) string {
	parts := []string{safeName(u.Accessor)}
	for _, c := range u.Components {
		parts = append(parts, safeName(c))
	}
	return filepath.Join(parts...)
}

// fetch writes a file into the folder and checks its hash. Holes are holes again.
func (c *flowsUploads) fetch(ctx context.Context, api *apiClient, u *apiv1.Upload) (path string, err error) {
	if err := os.MkdirAll(c.Output, 0o700); err != nil {
		return "", err
	}
	root, err := os.OpenRoot(c.Output)
	if err != nil {
		return "", err
	}
	defer root.Close()
	name := place(u)
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return "", err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	sum := sha256.New()
	w := io.MultiWriter(sum, &sparseWriter{f: f, ranges: u.Sparse})
	if err := c.download(ctx, api, u, w); err != nil {
		return "", err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != u.Sha256 {
		return "", fmt.Errorf("what came has SHA-256 %s, and should have %s", got, u.Sha256)
	}
	if len(u.Sparse) > 0 {
		if err := f.Truncate(u.Size); err != nil {
			return "", err
		}
	}
	return filepath.Join(c.Output, name), nil
}

func (c *flowsUploads) download(ctx context.Context, api *apiClient, u *apiv1.Upload, w io.Writer) error {
	stream, err := api.flows.Download(ctx, connect.NewRequest(&apiv1.DownloadRequest{ClientId: c.Client, FlowId: c.Flow, Number: u.Number}))
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		if _, err := w.Write(stream.Msg().Data); err != nil {
			return err
		}
	}
	return stream.Err()
}

// sparseWriter puts the stored bytes of a file where they belong in it.
type sparseWriter struct {
	f      *os.File
	ranges []*apiv1.Range // nil: all in one piece
	stored int64          // bytes written
}

// Write writes the next stored bytes.
func (s *sparseWriter) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		offset, room := s.at(int64(len(p) - done))
		n, err := s.f.WriteAt(p[done:done+int(room)], offset)
		s.stored += int64(n)
		if done += n; err != nil {
			return done, err
		}
	}
	return len(p), nil
}

// at returns where the next stored byte belongs, and how many of want bytes go
// there in one piece.
func (s *sparseWriter) at(want int64) (offset, room int64) {
	for _, r := range s.ranges {
		if in := s.stored - r.StoredOffset; r.Stored > 0 && in >= 0 && in < r.Stored {
			return r.Offset + in, min(want, r.Stored-in)
		}
	}
	return s.stored, want
}
