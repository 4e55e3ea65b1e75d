package process

import "testing"

func TestStatLinesWithOddNames(t *testing.T) {
	const rest = ` S 7 1 1 0 -1 4194560 1 2 3 4 150 250 5 6 20 0 1 0 9000 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 300`
	for _, name := range []string{"sh", "a) S 1 (b", ") R 9 (", "new\nline", "", "\xff"} {
		p := &process{}
		if !p.parseStat([]byte("42 ("+name+")"+rest)) || p.comm != name || p.ppid != 7 {
			t.Errorf("name %q: comm %q, ppid %d", name, p.comm, p.ppid)
		}
		if p.user != 1.5 || p.system != 2.5 || p.start != 9000 || p.iowait != 3 {
			t.Errorf("name %q: %+v", name, *p)
		}
	}
	for _, bad := range []string{"", "1", "1 (x", "1 x)"} {
		if (&process{}).parseStat([]byte(bad)) {
			t.Errorf("%q is read as a line", bad)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ comm, argv, name, line string }{
		{"short", "/bin/other\x00x\x00", "short", "/bin/other x"},
		{"exactly-15-byte", "/bin/exactly-15-bytes-and-more\x00-v\x00", "exactly-15-bytes-and-more", "/bin/exactly-15-bytes-and-more -v"},
		{"exactly-15-byte", "python\x00x.py\x00", "exactly-15-byte", "python x.py"},
		{"exactly-15-byte", "", "exactly-15-byte", ""},
		{"x", "a\x00\x00b\x00\x00\x00", "x", "a  b"},
	} {
		p := &process{comm: c.comm, argv: []byte(c.argv)}
		if p.name() != c.name || p.commandLine() != c.line {
			t.Errorf("%q %q: name %q, line %q, want %q, %q", c.comm, c.argv, p.name(), p.commandLine(), c.name, c.line)
		}
	}
}

func FuzzProc(f *testing.F) {
	f.Add([]byte("1 (init) S 0 1 1"), []byte("Name:\tinit\nTgid:\t1\nUid:\t0\t0\nVmRSS:\t 12 kB\n"))
	f.Add([]byte(")("), []byte("Uid:"))
	f.Fuzz(func(_ *testing.T, stat, status []byte) {
		p := &process{pid: 1}
		p.parseStat(stat)
		p.parseStatus(status)
		p.argv = stat
		p.name()
		p.commandLine()
	})
}
