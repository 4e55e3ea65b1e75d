package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"goshawk/row"
)

// formats is the flag of everything that prints rows.
type formats struct {
	Format string `name:"format" enum:"table,json,jsonl,csv," default:"" placeholder:"FORMAT" help:"table, json, jsonl or csv (table on a terminal, otherwise json)."`
}

// printer prints rows as they come.
type printer interface {
	// row takes one row; the columns may differ from row to row.
	row(d *row.Dict) error
	close() error
}

// printer returns a printer to w.
func (f formats) printer(w io.Writer) printer {
	out := bufio.NewWriter(w)
	switch f.format() {
	case "jsonl":
		return &jsonLines{out}
	case "csv":
		return &csvPrinter{w: csv.NewWriter(out), out: out}
	case "table":
		return &tablePrinter{out: out}
	}
	return &jsonArray{out: out}
}

func (f formats) format() string {
	if f.Format != "" {
		return f.Format
	}
	if term.IsTerminal(int(os.Stdout.Fd())) {
		return "table"
	}
	return "json"
}

// one prints a single object: an object in JSON, a line per key in a table.
func (f formats) one(d *row.Dict) error {
	switch f.format() {
	case "json":
		_, err := fmt.Fprintf(os.Stdout, "%s\n", indented(d))
		return err
	case "table":
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for i := range d.Len() {
			fmt.Fprintf(w, "%s\t%s\n", d.Key(i), cell(d.At(i), maxCell))
		}
		return w.Flush()
	}
	p := f.printer(os.Stdout)
	if err := p.row(d); err != nil {
		return err
	}
	return p.close()
}

// indented is an object with a key to a line.
func indented(d *row.Dict) string {
	var b strings.Builder
	b.WriteString("{")
	for i := range d.Len() {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n  %s: %s", row.AppendJSON(nil, row.String(d.Key(i)), nil), row.AppendJSON(nil, d.At(i), nil))
	}
	b.WriteString("\n}")
	return b.String()
}

type jsonLines struct{ out *bufio.Writer }

func (p *jsonLines) row(d *row.Dict) error {
	if _, err := p.out.Write(append(row.AppendJSON(nil, row.FromDict(d), nil), '\n')); err != nil {
		return err
	}
	return p.out.Flush() // whoever reads may wait for it
}

func (p *jsonLines) close() error { return p.out.Flush() }

type jsonArray struct {
	out *bufio.Writer
	n   int
}

func (p *jsonArray) row(d *row.Dict) error {
	begin := ",\n "
	if p.n == 0 {
		begin = "[\n "
	}
	p.n++
	p.out.WriteString(begin)
	_, err := p.out.Write(row.AppendJSON(nil, row.FromDict(d), nil))
	return err
}

func (p *jsonArray) close() error {
	if p.n == 0 {
		p.out.WriteString("[]\n")
	} else {
		p.out.WriteString("\n]\n")
	}
	return p.out.Flush()
}

type csvPrinter struct {
	w    *csv.Writer
	out  *bufio.Writer
	cols []string
}

func (p *csvPrinter) row(d *row.Dict) error {
	if p.cols == nil {
		p.cols = append([]string{}, d.Columns().Names()...)
		if err := p.w.Write(p.cols); err != nil {
			return err
		}
	}
	rec := make([]string, len(p.cols))
	for i, c := range p.cols {
		v, _ := d.Get(c)
		rec[i] = csvCell(v)
	}
	return p.w.Write(rec)
}

func (p *csvPrinter) close() error {
	p.w.Flush()
	if err := p.w.Error(); err != nil {
		return err
	}
	return p.out.Flush()
}

// csvCell is a value in a CSV file. Text that a spreadsheet would take for a
// formula gets an apostrophe in front.
func csvCell(v row.Value) string {
	s := plainCell(v)
	if v.Kind() == row.KindString && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// plainCell is a value as text: strings as they are, NULL empty, the rest as JSON.
func plainCell(v row.Value) string {
	switch v.Kind() {
	case row.KindNull:
		return ""
	case row.KindString:
		return v.Str()
	case row.KindTime:
		return v.Time().Format(time.RFC3339Nano)
	}
	return string(row.AppendJSON(nil, v, nil))
}

// Widths of a table: what is longer is cut, and shown whole by --format json.
const (
	maxCell   = 80
	tableRows = 500 // rows that are laid out together
)

type tablePrinter struct {
	out  *bufio.Writer
	rows []*row.Dict
	any  bool
}

func (p *tablePrinter) row(d *row.Dict) error {
	if len(p.rows) > 0 && !p.rows[0].Columns().Equal(d.Columns()) || len(p.rows) >= tableRows {
		if err := p.flush(); err != nil {
			return err
		}
	}
	p.rows = append(p.rows, d)
	return nil
}

func (p *tablePrinter) flush() error {
	if len(p.rows) == 0 {
		return nil
	}
	if p.any {
		fmt.Fprintln(p.out)
	}
	p.any = true
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(p.rows[0].Columns().Names(), "\t"))
	for _, d := range p.rows {
		cells := make([]string, d.Len())
		for i := range cells {
			cells[i] = cell(d.At(i), maxCell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	p.rows = nil
	if err := w.Flush(); err != nil {
		return err
	}
	return p.out.Flush()
}

func (p *tablePrinter) close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.out.Flush()
}

// cell is a value in a table: one line, without control characters, which come
// from endpoints and might steer the terminal.
func cell(v row.Value, width int) string {
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(plainCell(v), "�"))
	if r := []rune(s); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s
}

// moment is a time as the command line shows it.
const moment = "2006-01-02T15:04:05.000000Z"
