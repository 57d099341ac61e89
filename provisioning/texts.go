package provisioning

import (
	"bytes"
	"slices"
	"sort"
)

// texts are one text of each record of a list, row by row and in one piece: to
// look through them touches no record, which is what took long.
type texts struct {
	all  []byte
	ends []uint32 // of each row's text; 4 GB of one field is more than anyone has
}

func (t *texts) add(text string) {
	t.all = append(t.all, text...)
	t.ends = append(t.ends, uint32(len(t.all)))
}

func (t *texts) start(row int) int {
	if row == 0 {
		return 0
	}
	return int(t.ends[row-1])
}

func (t *texts) at(row int) []byte { return t.all[t.start(row):t.ends[row]] }

// appendRows adds the rows from a up to but without b of other texts.
func (t *texts) appendRows(from *texts, a, b int) {
	if a >= b {
		return
	}
	shift := len(t.all) - from.start(a) // modulo 2³² below
	t.all = append(t.all, from.all[from.start(a):from.ends[b-1]]...)
	for _, end := range from.ends[a:b] {
		t.ends = append(t.ends, end+uint32(shift))
	}
}

// edited are the texts after edits of the list.
func edited[T any](t *texts, edits []edit[T], rows int, text func(*edit[T]) string) *texts {
	const usual = 24 // bytes of a text, so that all is most often made once
	out := &texts{all: make([]byte, 0, len(t.all)+usual*len(edits)), ends: make([]uint32, 0, rows)}
	from := 0
	for i := range edits {
		e := &edits[i]
		out.appendRows(t, from, e.row)
		from = e.row
		if e.record == nil {
			from++
		} else {
			out.add(text(e))
		}
	}
	out.appendRows(t, from, len(t.ends))
	if spare := cap(out.all) - len(out.all); spare > len(out.all)/8 {
		out.all = bytes.Clone(out.all)
	}
	return out
}

// A scan finds the rows that meet a condition. It is asked in ascending order.
type scan interface {
	// next is the first such row that is not before the given one; past the last
	// when there is none.
	next(row int) int
}

// containing finds the texts that want is a part of.
type containing struct {
	in   *texts
	want []byte
	at   int // what next last found
}

func (s *containing) next(row int) int {
	if row <= s.at && s.at > 0 {
		return s.at
	}
	s.at = s.find(row)
	return s.at
}

func (s *containing) find(row int) int {
	if len(s.want) == 0 || row >= len(s.in.ends) {
		return row
	}
	for pos := s.in.start(row); ; {
		i := bytes.Index(s.in.all[pos:], s.want)
		if i < 0 {
			return len(s.in.ends)
		}
		pos += i
		row = s.in.rowOf(row, pos)
		if pos+len(s.want) <= int(s.in.ends[row]) {
			return row
		}
		pos++ // it began in one row and ended in another
	}
}

// rowOf is the row that a byte is of; it is not before the given row, and most
// often near it.
func (t *texts) rowOf(row, pos int) int {
	for n := 1; ; n *= 2 {
		if to := min(row+n, len(t.ends)); int(t.ends[to-1]) > pos {
			return row + sort.Search(to-row, func(i int) bool { return int(t.ends[row+i]) > pos })
		}
	}
}

// equal finds the texts that are want.
type equal struct {
	in   *texts
	want []byte
}

func (s *equal) next(row int) int {
	for ; row < len(s.in.ends); row++ {
		if from := s.in.start(row); int(s.in.ends[row])-from == len(s.want) && bytes.Equal(s.in.all[from:s.in.ends[row]], s.want) {
			break
		}
	}
	return row
}

// either finds the rows that any of some scans finds.
type either []scan

func (s either) next(row int) int {
	first := s[0].next(row)
	for _, other := range s[1:] {
		first = min(first, other.next(row))
	}
	return first
}

// these are rows that are known, ascending, of a list that has as many as of.
type these struct {
	rows []int
	of   int
}

func (s these) next(row int) int {
	i, _ := slices.BinarySearch(s.rows, row)
	if i == len(s.rows) {
		return s.of
	}
	return s.rows[i]
}
