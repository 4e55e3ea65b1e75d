package goshawk

import (
	"fmt"
	"slices"
	"time"
)

// Permission is a right to do one kind of thing on the server.
type Permission string

// The permissions. Every call of the API declares the one that it needs.
const (
	MayReadClients Permission = "read-clients" // see clients
	MayReadResults Permission = "read-results" // see flows, rows, logs and files
	MayCollect     Permission = "collect"      // run queries on clients, cancel them
	MayQueryServer Permission = "query-server" // run queries on the server itself
	MayAdminister  Permission = "administer"   // users, certificates, settings
)

// Role is a named set of permissions.
type Role string

// The roles, from the most to the least.
const (
	Administrator Role = "administrator"
	Analyst       Role = "analyst"
	Reader        Role = "reader"
)

// Roles lists all roles.
func Roles() []Role { return []Role{Administrator, Analyst, Reader} }

// ParseRole checks that s names a role.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", fmt.Errorf("%w: no role is called %q (there are %v)", ErrInvalid, clip(s), Roles())
}

// Permissions returns what the role may do.
func (r Role) Permissions() []Permission {
	switch r {
	case Administrator:
		return []Permission{MayReadClients, MayReadResults, MayCollect, MayQueryServer, MayAdminister}
	case Analyst:
		return []Permission{MayReadClients, MayReadResults, MayCollect}
	case Reader:
		return []Permission{MayReadClients, MayReadResults}
	}
	return nil
}

// User is a person or a program that the API knows by name.
type User struct {
	Name    string
	Role    Role
	Created time.Time
}

// May says whether the user has the permission.
func (u User) May(p Permission) bool { return slices.Contains(u.Role.Permissions(), p) }
