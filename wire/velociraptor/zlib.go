package velociraptor

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/zlib"

	"goshawk/wire"
)

// errTooLarge is within wire.ErrMalformed when it leaves the package.
var errTooLarge = errors.New("larger than a list may be")

// keepBuffer is the greatest buffer that is kept for the next list.
const keepBuffer = 4 << 20

// inflater is reusable: its decompressor alone takes 40 KiB.
type inflater struct {
	source bytes.Reader
	z      io.ReadCloser // nil until the first stream with a good header
	buf    []byte
}

// inflate hands the inflated stream to use, which must not keep it.
func (c *Codec) inflate(stream []byte, use func([]byte) error) error {
	f := c.inflaters.Get().(*inflater)
	defer c.inflaters.Put(f)
	list, err := f.inflate(stream, c.o.MaxList)
	if err != nil {
		return err
	}
	return use(list)
}

// inflate never holds more than twice the limit.
func (f *inflater) inflate(stream []byte, limit int64) (list []byte, err error) {
	defer f.source.Reset(nil) // the pool must not hold the packet
	if err := f.begin(stream); err != nil {
		return nil, err
	}
	buf := f.buf[:0]
	for err == nil {
		if len(buf) == cap(buf) {
			buf = grow(buf, limit)
		}
		var n int
		n, err = f.z.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, errTooLarge
		}
	}
	if cap(buf) <= keepBuffer {
		f.buf = buf
	}
	if err != io.EOF {
		return nil, err
	}
	return buf, nil
}

func (f *inflater) begin(stream []byte) (err error) {
	f.source.Reset(stream)
	if f.z != nil {
		return f.z.(zlib.Resetter).Reset(&f.source, nil)
	}
	f.z, err = zlib.NewReader(&f.source)
	return err
}

// grow doubles the room of a buffer, to one byte more than the limit at most.
func grow(buf []byte, limit int64) []byte {
	const least = 16 << 10
	size := min(max(2*int64(cap(buf)), least), limit+1)
	return append(make([]byte, 0, size), buf...)
}

// deflater is reusable: its compressor alone takes some 100 KiB.
type deflater struct {
	out bytes.Buffer
	z   *zlib.Writer
}

func newDeflater() *deflater {
	d := &deflater{}
	d.z, _ = zlib.NewWriterLevel(&d.out, zlib.BestSpeed) // fails for levels only
	return d
}

// deflate compresses a list at the level that stock clients use. Equal lists
// give equal bytes.
func (c *Codec) deflate(list []byte) (wire.Packed, error) {
	d := c.deflaters.Get().(*deflater)
	defer c.deflaters.Put(d)
	d.out.Reset()
	d.z.Reset(&d.out)
	if _, err := d.z.Write(list); err != nil {
		return nil, err
	}
	if err := d.z.Close(); err != nil {
		return nil, err
	}
	stream := bytes.Clone(d.out.Bytes())
	if d.out.Cap() > keepBuffer {
		d.out = bytes.Buffer{}
	}
	return stream, nil
}
