package accessor_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"goshawk/accessor"
	"goshawk/accessor/data"
	"goshawk/row"
)

func TestPathsReadAndWritten(t *testing.T) {
	for _, c := range []struct {
		typ        accessor.Type
		text       string
		components string // joined by |
		printed    string
	}{
		{accessor.Generic, `a/b\c`, "a|b|c", "/a/b/c"},
		{accessor.Generic, "", "", ""},
		{accessor.Generic, "/", "", ""},
		{accessor.Generic, `/a/"b/c""d"/e`, `a|b/c"d|e`, `/a/"b/c""d"/e`},
		{accessor.Generic, `a/b"c""d/e`, `a|b"c""d|e`, `/a/"b""c""""d"/e`},
		{accessor.Generic, `/a/"never closed/b`, "a|never closed/b", `/a/"never closed/b"`},
		{accessor.Generic, `C:\Windows`, "C:|Windows", "C:/Windows"},
		{accessor.Generic, `/a/../b/./c//d`, "a|b|c|d", "/a/b/c/d"},
		{accessor.Generic, `/a/".."/b`, "a|b", "/a/b"},
		{accessor.Linux, `/a//b/../c/./d`, "a|b|c|d", "/a/b/c/d"},
		{accessor.Linux, `/a\b/"c"`, `a\b|"c"`, `/a\b/"c"`},
		{accessor.Linux, "", "", "/"},
		{accessor.Windows, `C:\Windows\foo`, "C:|Windows|foo", `C:\Windows\foo`},
		{accessor.Windows, `/C:/x`, "C:|x", `C:\x`},
		{accessor.Windows, `\\srv\share\x`, `\\srv|share|x`, `\\srv\share\x`},
		{accessor.Windows, `\\.\C:\Windows`, `\\.\C:|Windows`, `\\.\C:\Windows`},
		{accessor.Windows, `\\?\C:\Windows`, `\\?\C:|Windows`, `\\?\C:\Windows`},
		{accessor.Windows, `\\.\PhysicalDrive0`, `\\.\PhysicalDrive0`, `\\.\PhysicalDrive0`},
		{accessor.Windows, `\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\x`, `\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1|x`,
			`\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\x`},
		{accessor.Windows, `a\"b/c"\d`, `a|b/c|d`, `a\"b/c"\d`},
		{accessor.Windows, `\\`, "", ""},
		{accessor.Windows, `\\.\`, "", ""},
		{accessor.NTFS, `c:\x`, `\\.\C:|x`, `\\.\C:\x`},
		{accessor.Registry, `HKLM\Soft\"a/b\c"\d`, `HKEY_LOCAL_MACHINE|Soft|a/b\c|d`, `HKEY_LOCAL_MACHINE\Soft\"a/b\c"\d`},
		{accessor.Registry, `/hkcu/x`, `HKEY_CURRENT_USER|x`, `HKEY_CURRENT_USER\x`},
		{accessor.Registry, `hkey_users\S-1`, `HKEY_USERS|S-1`, `HKEY_USERS\S-1`},
		{accessor.Raw, `{"Path":"x"}/a`, `{"Path":"x"}/a`, `{"Path":"x"}/a`},
		{accessor.Pathspec, `/dev/sda`, `/dev/sda`, `{"Path":"/dev/sda"}`},
		{accessor.Zip, `a/b`, "a|b", "/a/b"},
	} {
		p, err := c.typ.Parse(c.text)
		if err != nil {
			t.Errorf("%v: Parse(%q): %v", c.typ, c.text, err)
			continue
		}
		if got := strings.Join(p.Components(), "|"); got != c.components {
			t.Errorf("%v: components of %q = %q, want %q", c.typ, c.text, got, c.components)
		}
		if got := p.String(); got != c.printed {
			t.Errorf("%v: %q prints as %q, want %q", c.typ, c.text, got, c.printed)
		}
	}
}

func TestPathspecs(t *testing.T) {
	const text = `{"DelegateAccessor":"zip","DelegatePath":"/a.zip","Path":"/m/n"}`
	p, err := accessor.Generic.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.String(); got != text {
		t.Errorf("String = %s, want %s", got, text)
	}
	if name, container := p.Delegate(); name != "zip" || container.String() != "/a.zip" {
		t.Errorf("Delegate = %s, %s", name, container)
	}
	if got := p.Append("x").String(); !strings.Contains(got, `"/m/n/x"`) || !strings.Contains(got, "a.zip") {
		t.Errorf("Append = %s", got)
	}
	if got := p.Dir().Dir().String(); got != `{"DelegateAccessor":"zip","DelegatePath":"/a.zip"}` {
		t.Errorf("the root of an archive prints as %s", got)
	}
	for _, bad := range []string{"{", `{"Path":}`, "{x"} {
		if _, err := accessor.Linux.Parse(bad); err == nil {
			t.Errorf("Parse(%q) has no error", bad)
		}
	}
}

func TestNestedPathspecsAreBounded(t *testing.T) {
	text := `{"Path":"x"}`
	for range 200 {
		text = `{"DelegateAccessor":"zip","Delegate":` + text + `}`
	}
	if _, err := accessor.Linux.Parse(text); err == nil {
		t.Error("200 levels are not refused")
	}
	// Each level of text doubles the backslashes of those inside it.
	p := accessor.Linux.Path("x")
	for i := range 12 {
		p = accessor.Linux.Path("x").In("zip", p.String())
		if q, err := accessor.Linux.Parse(p.String()); err != nil || q.String() != p.String() {
			t.Fatalf("%d levels do not read back: %v", i, err)
		}
	}
	if got, want := p.Human(), "/x"+strings.Repeat(" -> /x", 12); got != want {
		t.Errorf("Human = %s, want %s", got, want)
	}
}

func TestPathArguments(t *testing.T) {
	fsys := linux{data.New()}
	text := func(s string) row.Value { return row.String(s) }
	p := accessor.Windows.Path("C:", "x")
	for _, c := range []struct {
		v    row.Value
		want string
	}{
		{text("/a//b"), "/a/b"},
		{row.Bytes([]byte("/a")), "/a"},
		{p.Value(), `C:\x`},
		{row.List([]row.Value{text("/data"), text("x.gz")}), "/data/x.gz"},
		{row.List([]row.Value{text("/data"), row.Int(5)}), "/data/5"},
		{row.List([]row.Value{p.Value(), text("y/z")}), `C:\x\y\z`},
		{row.FromDict(row.NewDict(row.NewColumns("Path"), []row.Value{text("a/b")})), "/a/b"},
	} {
		got, err := accessor.PathOf(fsys, c.v)
		if err != nil || got.String() != c.want {
			t.Errorf("PathOf(%s) = %s, %v, want %s", row.Text(c.v), got, err, c.want)
		}
	}
	for _, v := range []row.Value{row.Null, row.Int(5), row.True, row.List(nil), row.FromDict(&row.Dict{})} {
		if _, err := accessor.PathOf(fsys, v); err == nil || !strings.Contains(err.Error(), "Expecting a path arg type, not "+v.Kind().String()) {
			t.Errorf("PathOf(%s) has the error %v", row.Text(v), err)
		}
	}
	ps, err := accessor.PathsOf(fsys, row.List([]row.Value{text("/a"), row.Int(1), text("{"), text("/b")}))
	if err != nil || len(ps) != 2 {
		t.Errorf("PathsOf = %v, %v, want the two that parse", ps, err)
	}
}

// linux reads paths of Linux on every system.
type linux struct{ accessor.FileSystem }

func (linux) Parse(text string) (accessor.Path, error) { return accessor.Linux.Parse(text) }

func TestSetKnowsItsNames(t *testing.T) {
	fsys := data.New()
	s := accessor.Set{"auto": fsys, "registry": fsys}
	for name, ok := range map[string]bool{"": true, "auto": true, "reg": true, "registry": true, "Auto": false, "x": false} {
		_, err := s.Get(name)
		if (err == nil) != ok || err != nil && err.Error() != "Unknown filesystem accessor "+name {
			t.Errorf("Get(%q) has the error %v", name, err)
		}
	}
}

func TestPathIsImmutable(t *testing.T) {
	p := accessor.Linux.Path("a", "b", "c")
	d := p.Dir()
	x, y := d.Append("x"), d.Append("y")
	if p.String() != "/a/b/c" || x.String() != "/a/b/x" || y.String() != "/a/b/y" {
		t.Errorf("paths share memory: %s %s %s", p, x, y)
	}
}

// FuzzPath checks, for every type, that what a path prints reads back as the same path.
func FuzzPath(f *testing.F) {
	for _, s := range []string{
		`/a/b`, `C:\x`, `\\srv\share`, `\\?\GLOBALROOT\Device\V\x`, `a/"b/c"/d`, `{"Path":"/x","DelegatePath":"/y"}`, `HKLM\x`,
		`\\.\C:`, `"`, `""`, `{`, `/{`, "\\\\", "\\\\\\", `\\a"b\c`, `"{x"`, `{"Delegate":{"Path":"a"}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for typ := accessor.Generic; typ <= accessor.Raw; typ++ {
			p, err := typ.Parse(text)
			if err != nil {
				continue
			}
			if !utf8.ValidString(text) && (typ == accessor.Pathspec || p.HasDelegate()) {
				continue // JSON cannot hold it
			}
			printed := p.String()
			q, err := typ.Parse(printed)
			if err != nil {
				t.Fatalf("%v: %q prints as %q, which does not parse: %v", typ, text, printed, err)
			}
			if !slices.Equal(p.Components(), q.Components()) || q.String() != printed {
				t.Fatalf("%v: %q is %q, prints as %q, which is %q", typ, text, p.Components(), printed, q.Components())
			}
			p.Human()
			if typ != accessor.Raw && typ != accessor.Pathspec && slices.Contains(p.Components(), "..") {
				t.Fatalf("%v: %q leads upwards", typ, text)
			}
		}
	})
}
