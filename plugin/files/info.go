package files

import (
	"io/fs"
	"sync"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

// mode is a file's mode: a number that also has a text.
type mode fs.FileMode

// Member returns the text, such as -rw-r--r--.
func (m mode) Member(name string) (row.Value, bool) {
	if name == "String" {
		return row.String(fs.FileMode(m).String()), true
	}
	return row.Null, false
}

// Plain returns the number.
func (m mode) Plain() row.Value { return row.Int(int64(m)) }

// found is a file on its way into a row, and the base of values that are
// worked out when they are looked at.
type found struct {
	*accessor.Info
	volumes *volumes
	call    *vql.Call
}

// The values of a file that cost something, each a row.Lazy.
type (
	dataOf     found
	sysOf      found
	linkOf     found
	fullPathOf found
)

// Force lists the accessor's own facts and the type of the file system.
func (f *dataOf) Force() row.Value { return f.volumes.addType(f.Info, f.Info.Data()) }

// Force is the system's record of the file.
func (f *sysOf) Force() row.Value { return f.Info.Sys() }

// Force is the path where a link leads.
func (f *linkOf) Force() row.Value { return f.Info.Link() }

// Force is the path as text. The column is there for old queries only.
func (f *fullPathOf) Force() row.Value {
	f.call.LogSeldom(vql.Info, "%s: FullPath is deprecated, use OSPath", f.call.Name())
	return row.String(f.Path.String())
}

// Member has none of its own: a lazy value is computed for its members.
func (*dataOf) Member(string) (row.Value, bool) { return row.Null, false }

// Member has none of its own.
func (*sysOf) Member(string) (row.Value, bool) { return row.Null, false }

// Member has none of its own.
func (*linkOf) Member(string) (row.Value, bool) { return row.Null, false }

// Member has none of its own.
func (*fullPathOf) Member(string) (row.Value, bool) { return row.Null, false }

// Plain is what Force gives.
func (f *dataOf) Plain() row.Value { return f.Force() }

// Plain is what Force gives.
func (f *sysOf) Plain() row.Value { return f.Force() }

// Plain is what Force gives, as text.
func (f *linkOf) Plain() row.Value {
	if p, ok := accessor.AsPath(f.Force()); ok {
		return p.Plain()
	}
	return row.Null
}

// Plain is what Force gives.
func (f *fullPathOf) Plain() row.Value { return f.Force() }

// volumes knows the types of file systems by their devices.
type volumes struct {
	mu    sync.Mutex // guards the fields below
	types map[uint64]row.Value
	wider map[*row.Columns]*row.Columns // columns of Data → the same with FSType
}

// addType adds the type of the file system to what an accessor says of a file.
func (v *volumes) addType(i *accessor.Info, data row.Value) row.Value {
	if i.More == nil || data.Kind() != row.KindDict {
		return data
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	typ := v.typeOf(i)
	if typ.IsNull() {
		return data
	}
	d := data.Dict()
	cols, ok := v.wider[d.Columns()]
	if !ok {
		cols = row.NewColumns(append(append([]string(nil), d.Columns().Names()...), "FSType")...)
		if v.wider == nil || len(v.wider) >= maxPlaces {
			v.wider = map[*row.Columns]*row.Columns{}
		}
		v.wider[d.Columns()] = cols
	}
	return row.FromDict(row.NewDict(cols, append(append(make([]row.Value, 0, d.Len()+1), d.Values()...), typ)))
}

// typeOf asks once for each device; a file without a device is asked each time.
func (v *volumes) typeOf(i *accessor.Info) row.Value {
	if typ, ok := v.types[i.Dev]; ok && i.Dev != 0 {
		return typ
	}
	typ := row.Null
	if name := i.More.FSType(); name != "" {
		typ = row.String(name)
	}
	if v.types == nil || len(v.types) >= maxPlaces {
		v.types = map[uint64]row.Value{}
	}
	v.types[i.Dev] = typ
	return typ
}
