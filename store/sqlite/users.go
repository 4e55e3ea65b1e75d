package sqlite

import (
	"context"
	"fmt"

	"goshawk"
)

// PutUser implements store.Users.
func (s *Store) PutUser(ctx context.Context, u goshawk.User) error {
	err := s.writer.write(ctx, func(c *conn) error {
		return c.exec(`INSERT INTO users (name, role, created) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET role = excluded.role`,
			u.Name, string(u.Role), micros(u.Created))
	})
	return wrap("put user", err)
}

const userColumns = "SELECT name, role, created FROM users"

func scanUser(r *record) goshawk.User {
	return goshawk.User{Name: r.text(), Role: goshawk.Role(r.text()), Created: r.time()}
}

// User implements store.Users.
func (s *Store) User(ctx context.Context, name string) (u goshawk.User, err error) {
	err = s.pool.read(ctx, func(c *conn) error {
		found, err := c.one(userColumns+" WHERE name = ?", func(r *record) { u = scanUser(r) }, name)
		if err == nil && !found {
			err = goshawk.ErrNotFound
		}
		return err
	})
	return u, wrap(fmt.Sprintf("user %q", name), err)
}

// ListUsers implements store.Users.
func (s *Store) ListUsers(ctx context.Context) (list []goshawk.User, err error) {
	err = s.pool.read(ctx, func(c *conn) error {
		return c.each(userColumns+" ORDER BY name", func(r *record) bool {
			list = append(list, scanUser(r))
			return true
		})
	})
	return list, wrap("list users", err)
}
