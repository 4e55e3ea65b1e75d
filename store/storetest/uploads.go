package storetest

import (
	"fmt"
	"math"

	"goshawk"
	"goshawk/store"
)

// piece is a part of file 0 of flow 1, in a blob that its range names.
func piece(from, to int64) store.UploadPart {
	return store.UploadPart{
		Upload: goshawk.Upload{Flow: flowID(1), Accessor: "file"},
		Part:   store.Part{Offset: from, Length: to - from, Blob: goshawk.Hash(keyOf(fmt.Sprint(from, to)))},
	}
}

// done says that file 0 of flow 1 is done.
func done() store.UploadDone {
	return store.UploadDone{Flow: flowID(1), SHA256: goshawk.Hash(keyOf("sum"))}
}

// theEnd says that a file has so many bytes and all were sent.
func theEnd(size int64) store.UploadPart {
	return store.UploadPart{Upload: goshawk.Upload{Flow: flowID(1), Size: size, StoredSize: size}, Last: true}
}

func (e *env) file(c goshawk.ClientID, id goshawk.FlowID, number int64) goshawk.Upload {
	e.Helper()
	list, err := e.Uploads(e.Context(), c, id)
	e.must(err)
	for _, u := range list {
		if u.Number == number {
			return u
		}
	}
	e.Fatalf("file %d is not among %+v", number, list)
	return goshawk.Upload{}
}

// ranges lists the parts of file 0 as from-to.
func (e *env) ranges(c goshawk.ClientID) (s []string) {
	e.Helper()
	parts, err := e.Parts(e.Context(), c, flowID(1), 0)
	e.must(err)
	for _, p := range parts {
		s = append(s, fmt.Sprintf("%d-%d", p.Offset, p.Offset+p.Length))
	}
	return s
}

var uploadTests = map[string]func(*env){
	"uploads/one in order": func(e *env) {
		c, id := e.start()
		begin := goshawk.Upload{Flow: id, Client: "C.other", Accessor: "ntfs", Components: []string{"C:", "a\\b", "\xff\x00"}, Size: 30, Mtime: at(-5), Received: 99, Done: true, Last: true}
		e.commit(c, store.UploadPart{Upload: begin})
		want := begin
		want.Client, want.Received, want.Done, want.Last = c, 0, false, false
		e.want("announced", e.file(c, id, 0), want)
		e.commit(c, piece(0, 10))
		e.commit(c, piece(10, 30))
		last := theEnd(30)
		last.Upload.Sparse = []goshawk.Range{{Offset: 0, Length: 30, Stored: 30}, {Offset: 30, Length: 1 << 40, StoredOffset: 30}}
		e.commit(c, last)
		want.Accessor, want.StoredSize, want.Received, want.Sparse, want.Last = "file", 30, 30, last.Upload.Sparse, true
		e.want("whole", e.file(c, id, 0), want)
		e.want("uploads before it is done", e.flow(c, id).Uploads, int64(0))
		r := e.commit(c, done())
		e.want("receipt", r, store.Receipt{Changed: []goshawk.Flow{e.flow(c, id)}})
		want.Done, want.Finished, want.SHA256 = true, at(200), goshawk.Hash(keyOf("sum"))
		e.twice(func() {
			e.want("file", e.file(c, id, 0), want)
			parts, err := e.Parts(e.Context(), c, id, 0)
			e.must(err)
			e.want("parts", parts, []store.Part{piece(0, 10).Part, piece(10, 30).Part})
			f := e.flow(c, id)
			e.want("flow", []int64{f.Uploads, f.UploadedBytes, f.Packets, f.Batches}, []int64{1, 30, 4, 0})
		})
	},

	"uploads/out of order": func(e *env) {
		c, id := e.start()
		e.commit(c, piece(20, 30))
		e.commit(c, theEnd(40))
		e.commit(c, piece(0, 10))
		e.commit(c, piece(30, 40))
		e.want("done before the gap is filled", e.commit(c, done()).Strange, 1)
		e.commit(c, piece(10, 20))
		e.twice(func() {
			u := e.file(c, id, 0)
			e.want("file", []any{u.Last, u.Received, u.StoredSize, u.Size}, []any{true, int64(40), int64(40), int64(40)})
			e.want("parts", e.ranges(c), []string{"0-10", "10-20", "20-30", "30-40"})
		})
	},

	"uploads/an empty file": func(e *env) {
		c, id := e.start()
		e.commit(c, theEnd(0), done())
		e.want("done", e.file(c, id, 0).Done, true)
		e.want("uploads", e.flow(c, id).Uploads, int64(1))
	},

	"uploads/parts that overlap": func(e *env) {
		c, id := e.start()
		e.commit(c, piece(10, 20), piece(20, 30), piece(40, 50))
		bytes := int64(30)
		for _, step := range []struct {
			from, to          int64
			repeated, strange int
			kept              int64
		}{
			{10, 20, 1, 0, 0}, {12, 18, 1, 0, 0}, {10, 30, 1, 0, 0}, {15, 25, 1, 0, 0}, // wholly there
			{15, 35, 0, 1, 0}, {29, 31, 0, 1, 0}, {10, 31, 0, 1, 0}, // begin in what is there, and go beyond
			{0, 40, 0, 1, 0}, {5, 45, 0, 1, 0}, {35, 60, 0, 1, 0}, // new on both sides of what is there
			{30, 45, 0, 0, 10}, // begins at an end, runs into 40-50
			{50, 50, 0, 0, 0},  // tells, brings nothing
			{50, 55, 0, 0, 5},
			{5, 25, 0, 0, 5}, // begins where nothing is
			{5, 55, 1, 0, 0},
		} {
			r := e.commit(c, piece(step.from, step.to))
			e.want(fmt.Sprintf("receipt of %d-%d", step.from, step.to), []int{r.Repeated, r.Strange}, []int{step.repeated, step.strange})
			bytes += step.kept
			e.want("bytes", []int64{e.file(c, id, 0).Received, e.flow(c, id).UploadedBytes}, []int64{bytes, bytes})
		}
		e.twice(func() {
			e.want("parts", e.ranges(c), []string{"5-10", "10-20", "20-30", "30-40", "40-50", "50-55"})
			parts, err := e.Parts(e.Context(), c, id, 0)
			e.must(err)
			e.want("blob of the cut part", parts[3].Blob, piece(30, 45).Part.Blob)
		})
	},

	"uploads/the end comes with a part that is there": func(e *env) {
		c, id := e.start()
		e.commit(c, piece(0, 10))
		last := piece(0, 10)
		last.Last, last.Upload.StoredSize = true, 10
		e.want("repeated", e.commit(c, last).Repeated, 1)
		e.want("done", len(e.commit(c, done()).Changed), 1)
		again := e.commit(c, last)
		e.want("said again", []int{again.Repeated, len(again.Changed)}, []int{1, 0})
		e.want("uploads", e.flow(c, id).Uploads, int64(1))
	},

	"uploads/sizes grow until the last part states them": func(e *env) {
		c, id := e.start()
		p := piece(0, 10)
		p.Upload.Size, p.Upload.StoredSize = 500, 300
		e.commit(c, p)
		p = piece(10, 20)
		p.Upload.Size, p.Upload.StoredSize = 400, 200
		e.commit(c, p)
		u := e.file(c, id, 0)
		e.want("sizes", []int64{u.Size, u.StoredSize}, []int64{500, 300})
		e.commit(c, theEnd(20))
		p = piece(20, 30) // more than there is
		p.Upload.StoredSize = 1000
		e.want("strange", e.commit(c, p).Strange, 1)
		u = e.file(c, id, 0)
		e.want("sizes at the end", []any{u.Size, u.StoredSize, u.Last}, []any{int64(20), int64(20), true})
	},

	"uploads/bytes beyond the end do not stand for those before": func(e *env) {
		c, _ := e.start()
		e.commit(c, piece(10, 30), theEnd(20))
		e.want("done", e.commit(c, done()).Strange, 1)
		e.commit(c, piece(0, 10))
		e.want("done", e.commit(c, done()).Strange, 0)
	},

	"uploads/numbers that make no sense are strange": func(e *env) {
		c, id := e.start()
		negative := piece(0, 10)
		negative.Upload.Number = -1
		size := piece(0, 10)
		size.Upload.Size = -1
		for _, p := range []store.UploadPart{piece(-5, 5), piece(10, 5), piece(math.MaxInt64-1, math.MaxInt64), negative, size} {
			if p.Part.Offset > 0 && p.Part.Length > 0 {
				p.Part.Length = 10 // past the largest number
			}
			e.want("receipt", e.commit(c, p), store.Receipt{Strange: 1})
		}
		list, err := e.Uploads(e.Context(), c, id)
		e.must(err)
		e.want("uploads", len(list), 0)
	},

	"uploads/a hash is for a file that is whole, once": func(e *env) {
		c, id := e.start()
		e.want("no such file", e.commit(c, store.UploadDone{Flow: id, Number: 3}).Strange, 1)
		e.commit(c, piece(0, 10))
		e.want("not all sent", e.commit(c, done()).Strange, 1)
		e.want("hash", e.file(c, id, 0).SHA256.IsZero(), true)
		e.commit(c, theEnd(10), done())
		other := done()
		other.SHA256 = goshawk.Hash{1}
		r := e.commit(c, other)
		e.want("receipt of another hash", []int{r.Repeated, len(r.Changed)}, []int{1, 0})
		e.want("hash", e.file(c, id, 0).SHA256, done().SHA256)
		f := e.flow(c, id)
		e.want("uploads and packets", []int64{f.Uploads, f.Packets}, []int64{1, 2})
	},

	"uploads/many, in order of their numbers": func(e *env) {
		c, id := e.start()
		for _, n := range []int64{5, 0, 1 << 40, 2} {
			p := piece(0, 3)
			p.Upload.Number, p.Upload.StoredSize, p.Last = n, 3, true
			e.commit(c, p, store.UploadDone{Flow: id, Number: n})
		}
		e.twice(func() {
			list, err := e.Uploads(e.Context(), c, id)
			e.must(err)
			var numbers []int64
			for _, u := range list {
				numbers = append(numbers, u.Number)
			}
			e.want("numbers", numbers, []int64{0, 2, 5, 1 << 40})
			e.want("uploads", e.flow(c, id).Uploads, int64(4))
		})
	},
}
