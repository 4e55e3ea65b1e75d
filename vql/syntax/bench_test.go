package syntax

import "testing"

// queries are what agents and servers are sent, from short to long.
var queries = []struct{ name, src string }{
	{"short", "SELECT Pid, Name, CommandLine FROM pslist() WHERE Name =~ 'sshd'"},
	{"typical", "SELECT Pid, Ppid, Name, CommandLine, hash(path=Exe) AS Hash FROM pslist() " +
		"WHERE Name =~ 'chrome|firefox' AND Ppid > 100 AND NOT Username = 'root' ORDER BY Pid DESC LIMIT 50"},
	{"nested", "SELECT * FROM foreach(row={ SELECT OSPath, Size FROM glob(globs=['/etc/*.conf', '/home/*/.ssh/*']) WHERE Size < 1000000 }, " +
		"query={ SELECT OSPath, Size / 1024 AS KB, read_file(filename=OSPath, length=100)[0:50] AS Head FROM scope() })"},
	{"let", "LET recent(days=7) = SELECT OSPath, Mtime, { SELECT count() AS N FROM info() GROUP BY 1 } AS N " +
		"FROM glob(globs='C:/Windows/Prefetch/*.pf') WHERE Mtime > now() - days * 86400"},
}

func BenchmarkParse(b *testing.B) {
	for _, q := range queries {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(q.src)))
			for b.Loop() {
				if _, err := Parse(q.src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	s := query(b, queries[2].src)
	b.ReportAllocs()
	for b.Loop() {
		_ = s.String()
	}
}

func BenchmarkFormat(b *testing.B) {
	src := queries[2].src
	b.ReportAllocs()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := Format(src); err != nil {
			b.Fatal(err)
		}
	}
}
