package sqlite_test

import (
	"testing"

	"goshawk/store"
	"goshawk/store/sqlite"
	"goshawk/store/storetest"
)

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T, path string) store.Store { return open(t, path) })
}
