package sqlite

import "testing"

// FreePages returns how many pages of the file are not in use.
func FreePages(t *testing.T, s *Store) (n int64) {
	t.Helper()
	err := s.pool.read(t.Context(), func(c *conn) error {
		_, err := c.one("PRAGMA freelist_count", func(r *record) { n = r.int() })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
