package files

import (
	"context"
	"errors"
	"fmt"
	"io"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

// defaultChunk is how much is read where a query does not say.
const defaultChunk = 4 << 20

type readFileArgs struct {
	Length   int64     `vql:"length,default=4194304" doc:"bytes to read at most"`
	Offset   int64     `vql:"offset" doc:"where to begin"`
	Filename row.Value `vql:"filename,required" doc:"the file"`
	Accessor string    `vql:"accessor" doc:"which accessor to use, auto if it is not given"`
}

func (t *topic) readFileFunction() vql.Function {
	return vql.NewFunction(vql.Spec{
		Name: "read_file", Doc: "a part of a file as a string, empty if it cannot be read", OnError: row.String(""),
	}, func(ctx context.Context, c *vql.Call, a *readFileArgs) (row.Value, error) {
		fsys, p, err := t.target(a.Accessor, a.Filename)
		if err != nil {
			return row.Null, err
		}
		if a.Offset < 0 || a.Length < 0 {
			return row.Null, errors.New("offset and length must not be negative")
		}
		b, err := t.readPart(ctx, fsys, p, a.Offset, min(a.Length, row.MaxString))
		if err != nil {
			return row.Null, unreadable(p, err)
		}
		if a.Length > row.MaxString && len(b) == row.MaxString {
			c.Log(vql.Warn, "read_file: only %d bytes of %s are read at once", row.MaxString, p)
		}
		return row.String(string(b)), nil
	})
}

func (t *topic) readPart(ctx context.Context, fsys accessor.FileSystem, p accessor.Path, offset, n int64) ([]byte, error) {
	f, err := fsys.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	return t.readUpTo(ctx, f, n)
}

// readUpTo reads n bytes, or fewer at the end. It takes memory for what is
// there, not for what is asked for: sizes may lie.
func (t *topic) readUpTo(ctx context.Context, r io.Reader, n int64) ([]byte, error) {
	buf := t.buffer()
	defer t.buffers.Put(buf)
	var out []byte
	for n > 0 {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		got, err := r.Read(buf[:min(n, bufferSize)])
		out = append(out, buf[:got]...)
		n -= int64(got)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

type readFilesArgs struct {
	Chunk     int64     `vql:"chunk,default=4194304" doc:"bytes to a row"`
	MaxLength int64     `vql:"max_length" doc:"the chunk by which more than so many bytes were read is the last of a file; 0: no limit"`
	Filenames row.Value `vql:"filenames,required" doc:"one file or a list of files"`
	Accessor  string    `vql:"accessor" doc:"which accessor to use, auto if it is not given"`
}

func (t *topic) readFilePlugin() vql.Plugin {
	return vql.NewPlugin(vql.Spec{
		Name: "read_file", Doc: "the content of files, chunk by chunk", Columns: []string{"Data", "Offset", "Filename"},
	}, func(ctx context.Context, c *vql.Call, a *readFilesArgs, out *vql.Out) error {
		fsys, err := t.Accessors.Get(a.Accessor)
		if err != nil {
			return err
		}
		paths, err := accessor.PathsOf(fsys, a.Filenames)
		if err != nil {
			return err
		}
		for _, p := range paths {
			stop, err := t.readChunks(ctx, fsys, p, a, out)
			if stop != nil {
				return stop
			}
			if err != nil && !isMissing(err) && !errors.Is(err, accessor.ErrFolder) {
				c.Log(vql.Warn, "read_file: %v", unreadable(p, err))
			}
		}
		return nil
	})
}

// readChunks emits a file. stop is why the query ends, err why the file does.
func (t *topic) readChunks(ctx context.Context, fsys accessor.FileSystem, p accessor.Path, a *readFilesArgs, out *vql.Out) (stop, err error) {
	f, err := fsys.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	chunk := a.Chunk
	if chunk <= 0 {
		chunk = defaultChunk
	}
	if chunk > row.MaxString {
		return fmt.Errorf("chunk must not be larger than %d", row.MaxString), nil
	}
	for offset := int64(0); ; {
		b, err := t.readUpTo(ctx, f, chunk)
		if err != nil || len(b) == 0 {
			return nil, err
		}
		if err := out.Row(row.String(string(b)), row.Int(offset), row.String(p.String())); err != nil {
			return err, nil
		}
		offset += int64(len(b))
		if int64(len(b)) < chunk || a.MaxLength > 0 && offset > a.MaxLength {
			return nil, nil
		}
	}
}
