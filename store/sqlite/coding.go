package sqlite

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"goshawk"
)

// appendStrings encodes a list: each string's length as a uvarint, then its bytes.
func appendStrings(dst []byte, list []string) []byte {
	for _, s := range list {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	return dst
}

// stringsOf returns an encoded list that is never nil, for a column.
func stringsOf(list []string) []byte { return appendStrings([]byte{}, list) }

func decodeStrings(b []byte) (list []string, err error) {
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return nil, fmt.Errorf("%w: list of strings", goshawk.ErrCorrupt)
		}
		b = b[used:]
		list, b = append(list, string(b[:n])), b[n:]
	}
	return list, nil
}

// rangesOf encodes ranges: four varints for each.
func rangesOf(list []goshawk.Range) []byte {
	dst := []byte{}
	for _, r := range list {
		for _, v := range [4]int64{r.Offset, r.Length, r.StoredOffset, r.Stored} {
			dst = binary.AppendVarint(dst, v)
		}
	}
	return dst
}

func decodeRanges(b []byte) (list []goshawk.Range, err error) {
	for len(b) > 0 {
		var v [4]int64
		for i := range v {
			n, used := binary.Varint(b)
			if used <= 0 {
				return nil, fmt.Errorf("%w: list of ranges", goshawk.ErrCorrupt)
			}
			v[i], b = n, b[used:]
		}
		list = append(list, goshawk.Range{Offset: v[0], Length: v[1], StoredOffset: v[2], Stored: v[3]})
	}
	return list, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C of a batch's bytes and of the numbers that tell what
// they are and where they belong.
func checksum(data []byte, numbers ...int64) int64 {
	var b [8]byte
	sum := crc32.Checksum(data, castagnoli)
	for _, n := range numbers {
		binary.LittleEndian.PutUint64(b[:], uint64(n))
		sum = crc32.Update(sum, castagnoli, b[:])
	}
	return int64(sum)
}
