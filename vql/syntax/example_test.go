package syntax_test

import (
	"errors"
	"fmt"

	"goshawk/vql/syntax"
)

func ExampleParse() {
	prog, err := syntax.Parse("LET big = 1000 SELECT Name, Size / 1024 FROM files() WHERE Size > big")
	if err != nil {
		fmt.Println(err)
		return
	}
	query := prog.Statements[1].(*syntax.Select)
	for _, c := range query.Columns {
		fmt.Println(c.Name)
	}
	// Output:
	// Name
	// Size / 1024
}

func ExampleError() {
	_, err := syntax.Parse("SELECT Name,\n       count(*)\nFROM files()")
	var e *syntax.Error
	if errors.As(err, &e) {
		fmt.Println(e)
		fmt.Println(e.Excerpt())
	}
	// Output:
	// 2:14: unexpected "*", expected the name of an argument (arguments are named, and count() needs none)
	//        count(*)
	//              ^
}

func ExampleFormat() {
	text, err := syntax.Format("select Name,Size from files( ) -- all of them\nwhere Size>1000")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(text)
	// Output:
	// SELECT Name, Size
	// FROM files() -- all of them
	// WHERE Size > 1000
}

func ExampleWalk() {
	prog, err := syntax.Parse("SELECT upper(s=Name) FROM files(path=home() + '/x')")
	if err != nil {
		fmt.Println(err)
		return
	}
	syntax.Walk(prog, func(n syntax.Node) bool {
		if s, ok := n.(*syntax.Symbol); ok && s.Call {
			fmt.Println(s.Name[0], "at", s.Pos.Column)
		}
		return true
	})
	// Output:
	// upper at 8
	// home at 38
}
