package velociraptor

import (
	"errors"
	"testing"

	"goshawk"
)

func TestNames(t *testing.T) {
	n, other := NewNames("one"), NewNames("two")
	for _, name := range []string{"", "A", "Generic.Client.Info/BasicInformation", "sixteen_bytes_ok"} {
		hidden := n.Obfuscate(name)
		if got, err := n.Reveal(hidden); got != name || err != nil {
			t.Errorf("Reveal(Obfuscate(%q)) = %q, %v", name, got, err)
		}
		if got, err := other.Reveal(hidden); !errors.Is(err, goshawk.ErrInvalid) && got == name {
			t.Errorf("another key reveals %q as %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"$", "$0", "$zz", "$00112233445566778899aabbccddeeff00"} {
		if got, err := n.Reveal(name); !errors.Is(err, goshawk.ErrInvalid) {
			t.Errorf("Reveal(%q) = %q, %v, want ErrInvalid", name, got, err)
		}
	}
	if got, err := n.Reveal("Plain.Name"); got != "Plain.Name" || err != nil {
		t.Errorf("Reveal of a plain name = %q, %v", got, err)
	}
}

func TestRevealText(t *testing.T) {
	n := NewNames("one")
	text := "Starting " + n.Obfuscate("A") + ": " + n.Obfuscate("B/C") + " costs $5 or $ff"
	if got, want := string(n.RevealText([]byte(text))), "Starting A: B/C costs $5 or $ff"; got != want {
		t.Errorf("RevealText = %q, want %q", got, want)
	}
}
