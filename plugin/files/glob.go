package files

import (
	"context"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

type globArgs struct {
	Globs         []string    `vql:"globs,required" doc:"patterns: * ? [a-z] {a,b}, and ** for any folders (**5 for at most 5 of them); case does not matter"`
	Root          row.Value   `vql:"root" doc:"path below which to look, the accessor's root if it is not given"`
	Accessor      string      `vql:"accessor" doc:"which accessor to use, auto if it is not given"`
	NoSymlink     bool        `vql:"nosymlink" doc:"do not follow links"`
	Callback      *vql.Lambda `vql:"recursion_callback" doc:"a lambda that is given an entry and is false for a folder not to enter"`
	OneFilesystem bool        `vql:"one_filesystem" doc:"do not follow links to another device"`
}

// Columns of glob: those of a star, then those that can be named only.
var (
	globVisible = []string{"Name", "OSPath", "Mtime", "Atime", "Ctime", "Btime", "Size", "Mode", "IsDir", "IsLink", "Data", "Globs"}
	globHidden  = []string{"FullPath", "ModTime", "Sys", "Dev", "GetLink"}
	globColumns = row.NewColumns(globVisible...).Hiding(globHidden...)
)

func (t *topic) globPlugin() vql.Plugin {
	return vql.NewPlugin(vql.Spec{
		Name: "glob", Doc: "the files whose paths match patterns", Columns: globVisible, Hidden: globHidden, Version: 3,
	}, func(ctx context.Context, c *vql.Call, a *globArgs, out *vql.Out) error {
		fs, root, err := t.globRoot(a)
		if err != nil {
			return err
		}
		bad := func(err error) { c.Log(vql.Error, "glob: %v", err) }
		for _, s := range searches(fs, root, a.Globs, bad) {
			if err := newWalk(fs, a, s, c, out).run(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// globRoot returns where to begin, as a path of the accessor's own type.
func (t *topic) globRoot(a *globArgs) (accessor.FileSystem, accessor.Path, error) {
	fs, err := t.Accessors.Get(a.Accessor)
	if err != nil {
		return nil, accessor.Path{}, err
	}
	root, err := fs.Parse("")
	if err != nil || a.Root.IsNull() {
		return fs, root, err
	}
	given, err := accessor.PathOf(fs, a.Root)
	return fs, given.As(root.Type()), err
}
