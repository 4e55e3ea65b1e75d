package local_test

import (
	"testing"

	"goshawk/bus"
	"goshawk/bus/bustest"
	"goshawk/bus/local"
)

func TestSuite(t *testing.T) {
	bustest.Run(t, func(*testing.T) bus.Bus { return local.New() })
}

// In one process nothing is lost but what the buffer has no room for.
func TestKeepsTheFirstThatFit(t *testing.T) {
	b := local.New()
	s, err := b.Subscribe(t.Context(), "t", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"1", "2", "3"} {
		if err := b.Publish(t.Context(), "t", text); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	var got string
	for text := range s.C() {
		got += text
	}
	if got != "12" {
		t.Errorf("heard %q, want 12", got)
	}
}

func BenchmarkPublish(b *testing.B) {
	bus := local.New()
	s, err := bus.Subscribe(b.Context(), "t", 1)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := bus.Publish(b.Context(), "t", "text"); err != nil {
			b.Fatal(err)
		}
	}
}
