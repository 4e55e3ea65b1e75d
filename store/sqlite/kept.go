package sqlite

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"goshawk"
	"goshawk/store"
)

const keySize = 32

// kept is the list keys of the packets that a client last got through on one
// lane, the oldest packet first: for each its keys, one after another. It is
// stored as, for each packet, the number of keys as a uvarint and the keys.
type kept [][]byte

func decodeKept(b []byte) (k kept, err error) {
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used)/keySize {
			return nil, fmt.Errorf("%w: packet keys", goshawk.ErrCorrupt)
		}
		b = b[used:]
		k, b = append(k, b[:n*keySize]), b[n*keySize:]
	}
	return k, nil
}

func (k kept) has(key [keySize]byte) bool {
	for _, keys := range k {
		for ; len(keys) > 0; keys = keys[keySize:] {
			if bytes.Equal(keys[:keySize], key[:]) {
				return true
			}
		}
	}
	return false
}

// with returns the stored form after one more packet.
func (k kept) with(lists []store.List) []byte {
	k = k[max(0, len(k)-store.KeptPackets+1):]
	b := []byte{}
	for _, keys := range k {
		b = binary.AppendUvarint(b, uint64(len(keys)/keySize))
		b = append(b, keys...)
	}
	b = binary.AppendUvarint(b, uint64(len(lists)))
	for _, l := range lists {
		b = append(b, l.Key[:]...)
	}
	return b
}
