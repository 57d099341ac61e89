package provisioning

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A column is one flattened field of a record: "forward.number". Lists are
// one cell with their members separated by semicolons, lists of objects are
// JSON.
type column struct {
	name  string
	index [][]int // a step for each struct on the way
	typ   reflect.Type
}

// columnsOf flattens a struct in the order of its fields. Fields that are
// secrets on their way in, or tagged csv:"-", have no column.
func columnsOf(t reflect.Type) []column {
	var out []column
	var walk func(t reflect.Type, prefix string, steps [][]int)
	walk = func(t reflect.Type, prefix string, steps [][]int) {
		for _, f := range jsonFields(t) {
			name := jsonName(f)
			if secretField[name] || f.Tag.Get("csv") == "-" {
				continue
			}
			steps := append(slices.Clip(steps), f.Index)
			ft := f.Type
			for ft.Kind() == reflect.Pointer {
				ft = ft.Elem()
			}
			if ft.Kind() == reflect.Struct && ft != timeType {
				walk(ft, prefix+name+".", steps)
				continue
			}
			out = append(out, column{prefix + name, steps, ft})
		}
	}
	walk(t, "", nil)
	return out
}

// secretField names the fields that are write-only wherever they stand.
var secretField = map[string]bool{"password": true, "voicemail_pin": true, "hash": true, "token": true}

// value finds the column's field in a record; not ok where a pointer on the
// way is nil.
func (c *column) value(record reflect.Value) (reflect.Value, bool) {
	v := record
	for _, step := range c.index {
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.FieldByIndex(step)
	}
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return reflect.Value{}, false
		}
		v = v.Elem()
	}
	return v, true
}

// text writes a field as a filter compares it.
func (c *column) text(record reflect.Value) string {
	v, ok := c.value(record)
	if !ok {
		return ""
	}
	return cellText(v)
}

func cellText(v reflect.Value) string {
	if v.Type() == timeType {
		t := v.Interface().(time.Time)
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int64, reflect.Int32:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint64, reflect.Uint32:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			all := make([]string, v.Len())
			for i := range all {
				all[i] = v.Index(i).String()
			}
			return strings.Join(all, ";")
		}
		if v.Len() == 0 {
			return ""
		}
	case reflect.Map:
		if v.Len() == 0 {
			return ""
		}
	}
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return "" // plain data always marshals
	}
	return string(raw)
}

// csvTime is how a cell has a time, in UTC: a spreadsheet takes it for one.
const csvTime = "2006-01-02 15:04:05"

// cell writes the column's field as a file has it.
func (c *column) cell(record reflect.Value) string {
	v, ok := c.value(record)
	if !ok {
		return ""
	}
	if v.Type() == timeType {
		if at := v.Interface().(time.Time); !at.IsZero() {
			return at.UTC().Format(csvTime)
		}
	}
	return guardCell(cellText(v))
}

// WriteCSV writes records, all of the same struct type, with a header of field
// names.
func WriteCSV(w io.Writer, t reflect.Type, records func(yield func(any) bool)) error {
	out := csv.NewWriter(w)
	columns := columnsOf(t)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	if err := out.Write(cells); err != nil {
		return err
	}
	for r := range records {
		v := reflect.Indirect(reflect.ValueOf(r))
		for i := range columns {
			cells[i] = columns[i].cell(v)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// guardCell puts an apostrophe before a cell that a spreadsheet would run as a
// formula. A phone number may keep its plus.
func guardCell(s string) string {
	if runsInSpreadsheet(s) || strings.HasPrefix(s, "'") && runsInSpreadsheet(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// unguardCell takes the apostrophe off again.
func unguardCell(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && runsInSpreadsheet(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return s
}

func runsInSpreadsheet(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '@', '-', '\t', '\r', '\n':
		return true
	case '+':
		return strings.Trim(s[1:], "0123456789 ()./-") != "" || len(s) == 1
	}
	return false
}

// MaxImport is the size of the largest CSV file that is taken.
const MaxImport = 20 << 20

// MaxImportRows is how many rows a file that is imported may have: what it makes
// is held in memory until it is saved.
const MaxImportRows = 250_000

// A sheet is a CSV file that is being read, a row at a time: its header, and where
// it is.
type sheet struct {
	header []string
	in     *csv.Reader
	size   *bounded
	rows   int
}

// A sheetRow is a row and the line that it begins at.
type sheetRow struct {
	line  int
	cells []string
}

// bounded counts what is read, and refuses a file that is too large.
type bounded struct {
	r    io.Reader
	read int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.read += int64(n); b.read > MaxImport {
		return 0, refuse(413, "file: larger than 20 MB")
	}
	return n, err
}

// openSheet begins to read a comma-separated file in UTF-8, with or without a byte
// order mark, with either line end.
func openSheet(r io.Reader) (*sheet, error) {
	s := &sheet{size: &bounded{r: r}}
	buf := bufio.NewReaderSize(s.size, 64<<10)
	start, err := buf.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, csvError(err)
	}
	switch {
	case bytes.Equal(start, []byte("\xef\xbb\xbf")):
		buf.Discard(3)
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, invalid("file", "UTF-16; save it as UTF-8")
	}
	s.in = csv.NewReader(buf)
	s.in.FieldsPerRecord = -1 // named below, with what is missing
	var header []string
	for len(header) == 0 || len(header) == 1 && strings.TrimSpace(header[0]) == "" {
		header, err = s.in.Read()
		if errors.Is(err, io.EOF) {
			return nil, invalid("file", "empty; want a header line and one line a user")
		}
		if err != nil {
			return nil, csvError(err)
		}
	}
	line, _ := s.in.FieldPos(0)
	if err := checkText(header, line); err != nil {
		return nil, err
	}
	if len(header) == 1 {
		for _, sep := range []string{";", "\t", "|"} {
			if strings.Contains(header[0], sep) {
				return nil, invalid("file", "columns are separated by %q; want commas", sep)
			}
		}
	}
	seen := make(map[string]bool)
	for _, h := range header {
		h = strings.TrimSpace(unguardCell(h))
		if h != "" && seen[strings.ToLower(h)] {
			return nil, invalid("file", "two columns are named %q", h)
		}
		seen[strings.ToLower(h)] = true
		s.header = append(s.header, h)
	}
	return s, nil
}

// next reads a row; io.EOF says that there is none.
func (s *sheet) next() (sheetRow, error) {
	for {
		cells, err := s.in.Read()
		if errors.Is(err, io.EOF) {
			return sheetRow{}, io.EOF
		}
		if err != nil {
			return sheetRow{}, csvError(err)
		}
		line, _ := s.in.FieldPos(0)
		if err := checkText(cells, line); err != nil {
			return sheetRow{}, err
		}
		if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" {
			continue // a line of blanks
		}
		if len(cells) > len(s.header) {
			return sheetRow{}, invalid("file", "line %d has %d cells where the header has %d columns", line, len(cells), len(s.header))
		}
		if s.rows++; s.rows > MaxImportRows {
			return sheetRow{}, invalid("file", "line %d: more than %d rows; import them in several files", line, MaxImportRows)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(unguardCell(cells[i]))
		}
		return sheetRow{line, cells}, nil
	}
}

// checkText refuses what is no text in UTF-8. A row may go over several lines: the
// one at fault is counted from where the row begins.
func checkText(cells []string, line int) error {
	for _, c := range cells {
		for i, r := range c {
			switch {
			case r == '\n':
				line++
			case r == 0:
				return invalid("file", "line %d holds a zero byte; this is not a CSV file", line)
			case r == utf8.RuneError && !strings.HasPrefix(c[i:], "\uFFFD"):
				return invalid("file", "line %d is not UTF-8; save the file as UTF-8", line)
			}
		}
	}
	return nil
}

func csvError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return invalid("file", "line %d: %v", p.Line, p.Err)
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	return fmt.Errorf("read the file: %w", err)
}
