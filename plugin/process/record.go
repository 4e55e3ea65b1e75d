//go:build !windows

package process

import (
	"strings"

	"goshawk/row"
)

// record is a dict whose entries are found without heed of case.
type record struct{ *row.Dict }

func newRecord(cols *row.Columns, vals ...row.Value) row.Value {
	return row.FromObject(record{row.NewDict(cols, vals)})
}

// Member returns an entry.
func (r record) Member(name string) (row.Value, bool) {
	if v, ok := r.Dict.Member(name); ok {
		return v, true
	}
	for i := range r.Len() {
		if strings.EqualFold(r.Key(i), name) {
			return r.At(i), true
		}
	}
	return row.Null, false
}

// Plain returns the dict.
func (r record) Plain() row.Value { return row.FromDict(r.Dict) }
