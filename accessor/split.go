package accessor

import "strings"

// split reads the components out of a text that is no pathspec. Empty ones, .
// and .. are left out: a path never goes up.
func (t Type) split(text string) []string {
	switch t {
	case Linux, Zip:
		return splitAt(text)
	case Windows:
		return splitWindows(text)
	case NTFS:
		return deviceOfDrive(splitWindows(text))
	case Registry:
		return wholeHive(splitGeneric(nil, text))
	case Raw, Pathspec:
		if text == "" {
			return nil
		}
		return []string{text}
	}
	return splitGeneric(nil, text)
}

// join writes components so that split finds them again.
func (t Type) join(components []string) string {
	switch t {
	case Linux, Zip:
		return joinAt(components)
	case Windows, NTFS, Registry:
		return joinBare(components, t != Registry)
	case Raw, Pathspec:
		return strings.Join(components, "/") // there is one
	}
	var b strings.Builder
	for i, c := range components {
		if i > 0 || !isDrive(c) {
			b.WriteByte('/')
		}
		quote(&b, c)
	}
	return b.String()
}

func splitAt(text string) []string {
	out := make([]string, 0, strings.Count(text, "/")+1)
	for c := range strings.SplitSeq(text, "/") {
		if isName(c) {
			out = append(out, c)
		}
	}
	return out
}

// joinAt writes components after a / each, in one piece of memory: a glob does it for every file.
func joinAt(components []string) string {
	if len(components) == 0 {
		return "/"
	}
	n := 0
	for _, c := range components {
		n += 1 + len(c)
	}
	var b strings.Builder
	b.Grow(n)
	for _, c := range components {
		b.WriteByte('/')
		b.WriteString(c)
	}
	return b.String()
}

// isName says whether a component is kept.
func isName(c string) bool { return c != "" && c != "." && c != ".." }

func isSeparator(c byte) bool { return c == '/' || c == '\\' }

// splitGeneric appends the components of a text in which both slashes separate.
// A quote right after a separator begins a component that goes on to the next
// quote; inside it a doubled quote is one, and separators are ordinary.
func splitGeneric(out []string, text string) []string {
	for len(text) > 0 {
		if isSeparator(text[0]) {
			text = text[1:]
			continue
		}
		var c string
		if c, text = cutComponent(text); isName(c) {
			out = append(out, c)
		}
	}
	return out
}

// cutComponent splits text after its first component.
func cutComponent(text string) (c, rest string) {
	quoted := ""
	if text[0] == '"' {
		quoted, text = cutQuoted(text[1:])
	}
	end := strings.IndexAny(text, `/\`)
	if end < 0 {
		end = len(text)
	}
	return quoted + text[:end], text[end:]
}

// cutQuoted splits text after the quote that ends it, or at its end.
func cutQuoted(text string) (c, rest string) {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			b.WriteString(text)
			return b.String(), ""
		}
		b.WriteString(text[:i])
		if text = text[i+1:]; !strings.HasPrefix(text, `"`) {
			return b.String(), text
		}
		b.WriteByte('"')
		text = text[1:]
	}
}

// quote writes a component, in quotes if it would not be read back as it is.
func quote(b *strings.Builder, c string) {
	if !strings.ContainsAny(c, `/\"`) {
		b.WriteString(c)
		return
	}
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(c, `"`, `""`))
	b.WriteByte('"')
}

// isDrive says whether a component is a drive, such as C:.
func isDrive(c string) bool {
	return len(c) == 2 && c[1] == ':' && (c[0]|0x20) >= 'a' && (c[0]|0x20) <= 'z'
}

func splitWindows(text string) []string {
	device, rest := cutDevice(text)
	if device == "" {
		return splitGeneric(nil, text)
	}
	return splitGeneric([]string{device}, rest)
}

// cutDevice splits a device or server off the beginning of a Windows path:
// \\.\X:, \\?\X:, \\?\GLOBALROOT\Device\Name or \\server.
func cutDevice(text string) (device, rest string) {
	if !strings.HasPrefix(text, `\\`) {
		return "", text
	}
	parts := 1
	if body := text[2:]; strings.HasPrefix(body, `.\`) || strings.HasPrefix(body, `?\`) {
		parts = 2
		if len(body) > 12 && strings.EqualFold(body[2:12], "GLOBALROOT") && body[12] == '\\' {
			parts = 4
		}
	}
	at := 2
	for i := range parts {
		end := strings.IndexAny(text[at:], `/\`)
		if end < 0 {
			end = len(text) - at
		}
		name := text[at : at+end]
		if name == "" || (parts == 1 || i > 0) && !isName(name) {
			return "", text
		}
		if at += end; i < parts-1 {
			if at == len(text) {
				return "", text
			}
			at++
		}
	}
	return strings.ReplaceAll(text[:at], "/", `\`), text[at:]
}

// deviceOfDrive writes a leading drive as its device.
func deviceOfDrive(components []string) []string {
	if len(components) > 0 && isDrive(components[0]) {
		components[0] = `\\.\` + strings.ToUpper(components[0])
	}
	return components
}

// wholeHive writes the short name of a leading registry hive out.
func wholeHive(components []string) []string {
	if len(components) == 0 {
		return components
	}
	switch name := strings.ToUpper(components[0]); {
	case name == "HKCU":
		components[0] = "HKEY_CURRENT_USER"
	case name == "HKLM":
		components[0] = "HKEY_LOCAL_MACHINE"
	case name == "HKU":
		components[0] = "HKEY_USERS"
	case strings.HasPrefix(name, "HKEY_"):
		components[0] = name
	}
	return components
}

// joinBare writes components with \ between and none before. The first may be a
// device, which is never quoted; else it is, where it could be taken for one or
// for a pathspec.
func joinBare(components []string, mayBeDevice bool) string {
	var b strings.Builder
	for i, c := range components {
		if i > 0 {
			b.WriteByte('\\')
		}
		device, rest := cutDevice(c)
		switch {
		case i == 0 && mayBeDevice && device != "" && rest == "":
			b.WriteString(c)
		case i == 0 && strings.HasPrefix(c, "{"):
			b.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		default:
			quote(&b, c)
		}
	}
	return b.String()
}
