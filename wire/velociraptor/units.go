package velociraptor

import (
	"math"
	"time"
)

// Numbers of the wire are unsigned or 64 bits wide where ours are not. What
// does not fit becomes the nearest that does: nothing from outside may turn
// negative or wrap.

func count(u uint64) int64  { return int64(min(u, math.MaxInt64)) }
func natural(n int64) int64 { return max(n, 0) }
func index(u uint64) int    { return int(min(u, math.MaxInt)) }
func indexOf(n int64) int   { return index(unsigned(n)) }

func unsigned[T int | int64 | time.Duration](n T) uint64 { return uint64(max(n, 0)) }

// lasting is a duration of u units.
func lasting(u uint64, unit time.Duration) time.Duration {
	return time.Duration(min(u, uint64(math.MaxInt64/unit))) * unit
}

// units is how many units last d, rounded up, since 0 means the default.
func units(d, unit time.Duration) uint64 {
	whole := unsigned(d / unit)
	if d > 0 && d%unit != 0 {
		whole++
	}
	return whole
}

// limit is a float from outside: 0, which is none, unless it makes sense.
func limit(f float32) float64 {
	if !(f > 0) || f > math.MaxFloat32 {
		return 0
	}
	return float64(f)
}

// fraction is a duration of f seconds.
func fraction(f float32) time.Duration {
	const greatest = 1 << 33 // seconds, less than the greatest duration
	return time.Duration(math.Round(min(limit(f), greatest) * float64(time.Second)))
}

// lastSecond is the end of the year 9999, the last that JSON can say.
const lastSecond = 253402300799

// Times are UTC. Zero is unknown on both sides, but see the times of files.

func atSeconds(u uint64) time.Time {
	if u == 0 {
		return time.Time{}
	}
	return time.Unix(int64(min(u, lastSecond)), 0).UTC()
}

func secondsOf(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return unsigned(t.Unix())
}

func atMicros(u uint64) time.Time {
	if u == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(min(u, lastSecond*1e6))).UTC()
}

func microsOf(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return unsigned(t.UnixMicro())
}

// unknownTime stands for no time in the times of files: it is what the zero
// time of Go overflows to in nanoseconds. 0 is 1970.
const unknownTime = -6795364578871345152

func atNanos(n int64) time.Time {
	if n == unknownTime {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// nanosOf gives the unknown time for what is out of range, 1678 to 2262.
func nanosOf(t time.Time) int64 {
	if n := t.UnixNano(); time.Unix(0, n).Equal(t) {
		return n
	}
	return unknownTime
}
