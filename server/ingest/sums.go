package ingest

import (
	"crypto/sha256"
	"hash"
	"slices"
	"sync"

	"goshawk"
	"goshawk/store"
)

// file names an upload.
type file struct {
	client goshawk.ClientID
	flow   goshawk.FlowID
	number int64
}

func fileOf(u goshawk.Upload) file { return file{u.Client, u.Flow, u.Number} }

// sums works out the SHA-256 of files while their pieces come, so that a large
// file need not be read again at its end. What it forgets is read then.
type sums struct {
	mu sync.Mutex // guards the field below
	of map[file]*sum
}

// sum is the hash of a file's first pieces.
type sum struct {
	h     hash.Hash
	end   int64
	parts []store.Part // that went into it
}

// maxSums bounds the files that are followed at once.
const maxSums = 1000

// feed takes the next piece of a file; a piece out of order is left out, and
// the file read at its end.
func (s *sums) feed(f file, p store.Part, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of[f]
	if one == nil {
		if p.Offset != 0 || len(s.of) >= maxSums {
			return
		}
		if s.of == nil {
			s.of = map[file]*sum{}
		}
		one = &sum{h: sha256.New()}
		s.of[f] = one
	}
	if p.Offset != one.end {
		return
	}
	one.h.Write(data)
	one.end += p.Length
	one.parts = append(one.parts, p)
}

// take returns the hash of a file and forgets it, if exactly the pieces that
// are durable went into it.
func (s *sums) take(f file, durable []store.Part) (goshawk.Hash, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of[f]
	delete(s.of, f)
	if one == nil || !slices.Equal(one.parts, durable) {
		return goshawk.Hash{}, false
	}
	return goshawk.Hash(one.h.Sum(nil)), true
}
