package core_test

import (
	"testing"

	"goshawk/plugin/core"
	"goshawk/row"
	"goshawk/vql"
	"goshawk/vql/vqltest"
)

func TestScripts(t *testing.T) {
	v, err := vql.NewVocabulary(core.Plugins(), core.Functions())
	if err != nil {
		t.Fatal(err)
	}
	vqltest.Run(t, v, "testdata/*.vqltest", vqltest.Options{Env: []vql.Variable{{Name: "env_var", Value: row.String("from outside")}}})
}
