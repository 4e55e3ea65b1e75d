package core

import (
	"context"
	"time"

	"goshawk/row"
	"goshawk/vql"
)

type nowArgs struct {
	NS bool `vql:"ns" doc:"nanoseconds instead of seconds"`
}

var nowFunction = vql.NewFunction(vql.Spec{
	Name: "now", Doc: "seconds since 1970", Version: 2,
}, func(_ context.Context, c *vql.Call, a *nowArgs) (row.Value, error) {
	if a.NS {
		return row.Int(c.Now().UnixNano()), nil
	}
	return row.Int(c.Now().Unix()), nil
})

type timestampArgs struct {
	Epoch       row.Value `vql:"epoch" doc:"seconds since 1970 (milli-, micro- or nanoseconds when that large), a date, or a time"`
	CocoaTime   int64     `vql:"cocoatime" doc:"seconds since 2001"`
	MacTime     int64     `vql:"mactime" doc:"seconds since 1904"`
	WinFileTime int64     `vql:"winfiletime" doc:"100 ns since 1601"`
	String      string    `vql:"string" doc:"a date"`
	Format      string    `vql:"format" doc:"Go layout of string"`
}

// Seconds from the beginnings of other calendars to 1970.
const (
	cocoaEpoch   = 978307200
	macEpoch     = -2082844800
	windowsEpoch = 11644473600
)

var timestampFunction = vql.NewFunction(vql.Spec{
	Name: "timestamp", Doc: "an instant, from a number or a date", Version: 2,
}, func(_ context.Context, c *vql.Call, a *timestampArgs) (row.Value, error) {
	switch {
	case a.CocoaTime > 0:
		return row.Time(time.Unix(a.CocoaTime+cocoaEpoch, 0)), nil
	case a.MacTime > 0:
		return row.Time(time.Unix(a.MacTime+macEpoch, 0)), nil
	case a.WinFileTime > 0:
		return row.Time(time.Unix(a.WinFileTime/1e7-windowsEpoch, a.WinFileTime%1e7*100)), nil
	case a.String != "" && a.Format != "":
		at, err := time.ParseInLocation(a.Format, a.String, zone(c))
		if err != nil {
			return row.Null, err
		}
		return row.Time(at), nil
	case a.String != "":
		return instant(c, row.String(a.String)), nil
	}
	return instant(c, a.Epoch), nil
})

// instant reads a time; text may hold a number.
func instant(c *vql.Call, v row.Value) row.Value {
	if v.Kind() == row.KindString {
		if v.Str() == "" {
			return row.Time(time.Time{})
		}
		if n, ok := number(v.Str()); ok {
			v = n
		}
	}
	if at, ok := vql.ToTime(v, zone(c)); ok {
		return row.Time(at)
	}
	return row.Null
}

// number reads a text that is a number and nothing else.
func number(text string) (row.Value, bool) {
	v, err := row.ParseJSON([]byte(text))
	if _, ok := v.Number(); err != nil || !ok || v.Kind() == row.KindBool {
		return row.Null, false
	}
	return v, true
}

// zone is that of dates which name none: the variable PARSE_TZ, else TZ, else UTC.
func zone(c *vql.Call) *time.Location {
	for _, name := range []string{"PARSE_TZ", "TZ"} {
		if v, ok := c.Lookup(name); ok && v.Kind() == row.KindString && v.Str() != "" {
			if loc, err := time.LoadLocation(v.Str()); err == nil {
				return loc
			}
		}
	}
	return time.UTC
}

type sleepArgs struct {
	Time int64 `vql:"time" doc:"seconds"`
	MS   int64 `vql:"ms" doc:"milliseconds"`
}

var sleepFunction = vql.NewFunction(vql.Spec{
	Name: "sleep", Doc: "waits, and is TRUE",
}, func(ctx context.Context, _ *vql.Call, a *sleepArgs) (row.Value, error) {
	d := time.Duration(a.Time)*time.Second + time.Duration(a.MS)*time.Millisecond
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return row.True, nil
})
