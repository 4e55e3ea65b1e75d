package syntax

import (
	"fmt"
	"strings"
	"testing"
)

func TestWalkVisitsEverythingInOrder(t *testing.T) {
	src := "LET f(a=1, b) = (2, NOT 3)\n" +
		"SELECT *, { SELECT 4 FROM p } AS x, 5.y[6][7:8] FROM q(r=s.t(u=[9])) " +
		"WHERE -v + 10 IN '11' AND TRUE OR NULL GROUP BY 12"
	want := "Program Let Param Int Param Paren List Int Not Int " +
		"Select Column Column SubQuery Select Column Int Source Column Slice Index Member Int Int Int Int " +
		"Source Arg Symbol Arg List Int Logic Binary Binary Symbol Int String Logic Bool Null Int"
	var got []string
	offset := 0
	Walk(mustParse(t, src), func(n Node) bool {
		got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", n), "*syntax."))
		if n.Position().Offset < offset {
			t.Errorf("%T at %v comes too late", n, n.Position())
		}
		offset = n.Position().Offset
		return true
	})
	if got := strings.Join(got, " "); got != want {
		t.Errorf("visited %s\nwant %s", got, want)
	}
}

func TestWalkLeavesOut(t *testing.T) {
	n := 0
	Walk(mustParse(t, "SELECT a, f(b=c), { SELECT d FROM e } FROM g"), func(n2 Node) bool {
		n++
		_, column := n2.(*Column)
		return !column
	})
	if want := 6; n != want { // the program, the query, three columns, the source
		t.Errorf("visited %d nodes, want %d", n, want)
	}
}

func TestWalkLambda(t *testing.T) {
	l, err := ParseLambda("x => x + 1")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	Walk(l, func(Node) bool { n++; return true })
	if n != 4 {
		t.Errorf("visited %d nodes, want 4", n)
	}
}
