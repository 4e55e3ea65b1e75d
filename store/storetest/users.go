package storetest

import "goshawk"

var userTests = map[string]func(*env){
	"users/put, change and list": func(e *env) {
		bob := goshawk.User{Name: "bob", Role: goshawk.Reader, Created: at(1)}
		ann := goshawk.User{Name: "Ann'); --\x00", Role: goshawk.Administrator, Created: at(2)}
		e.must(e.PutUser(e.Context(), bob))
		e.must(e.PutUser(e.Context(), ann))
		e.must(e.PutUser(e.Context(), goshawk.User{Name: "bob", Role: goshawk.Analyst, Created: at(3)}))
		bob.Role = goshawk.Analyst
		e.twice(func() {
			list, err := e.ListUsers(e.Context())
			e.must(err)
			e.want("users", list, []goshawk.User{ann, bob})
			u, err := e.User(e.Context(), ann.Name)
			e.must(err)
			e.want("user", u, ann)
			_, err = e.User(e.Context(), "BOB")
			e.wantErr("a name in another case", err, goshawk.ErrNotFound)
		})
	},

	"users/none at first": func(e *env) {
		list, err := e.ListUsers(e.Context())
		e.must(err)
		e.want("users", len(list), 0)
	},
}
