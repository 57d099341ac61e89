package store

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"sync"
	"time"
)

// A codec writes or reads a record in the form that the database holds: for
// each field that is not zero its number and its value, numbers ascending. The
// one listing of a record's fields (fields.go) serves both directions. Numbers
// are never re-used: files in the field have them.
//
// It is made for starting with 50,000 users: reading copies a record's bytes
// once and every string of the record shares that copy.
type codec struct {
	reading bool
	out     []byte
	rest    string // not yet read
	tag     uint64 // of the field at the front of rest; 0 at the end
	bad     bool   // what was read makes no sense
}

// The wire forms: a tag is number<<1, and the low bit says which.
const (
	wireVarint = 0
	wireBytes  = 1
)

func encode(fields func(*codec)) []byte {
	c := codecs.Get().(*codec)
	fields(c)
	if cap(c.out) > mostKept {
		return c.out
	}
	out := bytes.Clone(c.out)
	c.out = c.out[:0]
	codecs.Put(c)
	return out
}

// codecs have room for what is encoded; a record is seldom as large as mostKept.
var codecs = sync.Pool{New: func() any { return &codec{out: make([]byte, 0, 4<<10)} }}

const mostKept = 64 << 10 // bytes

// decode reads what encode wrote and says whether it made sense. The strings
// that it sets share data.
func decode(data string, fields func(*codec)) bool {
	var c codec
	c.read(data, fields)
	return !c.bad
}

// read is decode with a codec that is used again and again.
func (c *codec) read(data string, fields func(*codec)) bool {
	*c = codec{reading: true, rest: data}
	c.next()
	fields(c)
	c.end()
	return !c.bad
}

// next reads the next tag.
func (c *codec) next() {
	if c.rest == "" {
		c.tag = 0
		return
	}
	c.tag = c.uvarint()
	if c.tag == 0 {
		c.fail()
	}
}

func (c *codec) fail() {
	c.bad, c.rest, c.tag = true, "", 0
}

// end skips what is left: fields of numbers that no one lists any more.
func (c *codec) end() {
	for c.tag != 0 {
		c.skip()
	}
}

func (c *codec) skip() {
	if c.tag&1 == wireBytes {
		c.bytes()
	} else {
		c.uvarint()
	}
	if !c.bad {
		c.next()
	}
}

// at says whether the next field is the one of that number and form.
func (c *codec) at(num, wire uint64) bool {
	for c.tag != 0 && c.tag>>1 < num {
		c.skip()
	}
	return c.tag == num<<1|wire
}

func (c *codec) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(c.rest) && i < binary.MaxVarintLen64; i++ {
		b := c.rest[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.rest = c.rest[i+1:]
			return v
		}
	}
	c.fail()
	return 0
}

func (c *codec) bytes() string {
	n := c.uvarint()
	if n > uint64(len(c.rest)) {
		c.fail()
		return ""
	}
	s := c.rest[:n]
	c.rest = c.rest[n:]
	return s
}

func (c *codec) putTag(num, wire uint64) {
	c.out = binary.AppendUvarint(c.out, num<<1|wire)
}

func (c *codec) putBytes(num uint64, s string) {
	c.putTag(num, wireBytes)
	c.out = binary.AppendUvarint(c.out, uint64(len(s)))
	c.out = append(c.out, s...)
}

func (c *codec) uint(num uint64, p *uint64) {
	if c.reading {
		if c.at(num, wireVarint) {
			*p = c.uvarint()
			c.next()
		}
	} else if *p != 0 {
		c.putTag(num, wireVarint)
		c.out = binary.AppendUvarint(c.out, *p)
	}
}

func (c *codec) int64(num uint64, p *int64) {
	if c.reading {
		var u uint64
		if c.uint(num, &u); u != 0 {
			*p = int64(u>>1) ^ -int64(u&1)
		}
	} else {
		u := uint64(*p<<1) ^ uint64(*p>>63)
		c.uint(num, &u)
	}
}

func (c *codec) int(num uint64, p *int) {
	v := int64(*p)
	c.int64(num, &v)
	if c.reading { // what is written may be shared, and is not to be touched
		*p = int(v)
	}
}

func (c *codec) bool(num uint64, p *bool) {
	var u uint64
	if *p {
		u = 1
	}
	c.uint(num, &u)
	if c.reading {
		*p = u != 0
	}
}

func (c *codec) float(num uint64, p *float64) {
	u := math.Float64bits(*p)
	c.uint(num, &u)
	if c.reading {
		*p = math.Float64frombits(u)
	}
}

// time keeps nanoseconds, in UTC.
func (c *codec) time(num uint64, p *time.Time) {
	var ns int64
	if !c.reading && !p.IsZero() {
		ns = p.UnixNano()
	}
	c.int64(num, &ns)
	if c.reading && ns != 0 {
		*p = time.Unix(0, ns).UTC()
	}
}

func (c *codec) str(num uint64, p *string) { text(c, num, p) }

// text is str for every string type.
func text[S ~string](c *codec, num uint64, p *S) {
	if c.reading {
		if c.at(num, wireBytes) {
			*p = S(c.bytes())
			c.next()
		}
	} else if *p != "" {
		c.putBytes(num, string(*p))
	}
}

func (c *codec) blob(num uint64, p *[]byte) {
	if c.reading {
		if c.at(num, wireBytes) {
			*p = []byte(c.bytes())
			c.next()
		}
	} else if len(*p) > 0 {
		c.putTag(num, wireBytes)
		c.out = binary.AppendUvarint(c.out, uint64(len(*p)))
		c.out = append(c.out, *p...)
	}
}

// strs is a list; reading leaves an empty one, never nil, so that JSON shows [].
func (c *codec) strs(num uint64, p *[]string) {
	if c.reading {
		list := []string{}
		for c.at(num, wireBytes) {
			list = append(list, c.bytes())
			c.next()
		}
		*p = list
		return
	}
	for _, s := range *p {
		c.putBytes(num, s)
	}
}

func (c *codec) pairs(num uint64, p *map[string]string) {
	if c.reading {
		m := map[string]string{}
		for c.at(num, wireBytes) {
			var k, v string
			c.inside(func(c *codec) { c.str(1, &k); c.str(2, &v) })
			m[k] = v
		}
		*p = m
		return
	}
	var room [16]string
	keys := slices.AppendSeq(room[:0], maps.Keys(*p))
	slices.Sort(keys)
	for _, k := range keys {
		at := c.open(num)
		if k != "" {
			c.putBytes(1, k)
		}
		if v := (*p)[k]; v != "" {
			c.putBytes(2, v)
		}
		c.close(at)
	}
}

// sub is a struct that is always there.
func (c *codec) sub(num uint64, fields func(*codec)) {
	if !c.reading {
		was := len(c.out)
		if c.within(num, fields) {
			c.out = c.out[:was] // all zero
		}
		return
	}
	if c.at(num, wireBytes) {
		c.inside(fields)
		return
	}
	// Not there: its lists still become empty ones.
	rest, tag := c.rest, c.tag
	c.rest, c.tag = "", 0
	fields(c)
	c.rest, c.tag = rest, tag
}

// within writes a nested value and says whether it is empty.
func (c *codec) within(num uint64, fields func(*codec)) (empty bool) {
	at := c.open(num)
	fields(c)
	return c.close(at) == 0
}

// open begins a nested value, whose length is nearly always one byte.
func (c *codec) open(num uint64) (at int) {
	c.putTag(num, wireBytes)
	c.out = append(c.out, 0)
	return len(c.out)
}

// close ends a nested value that began at at, and answers its length.
func (c *codec) close(at int) (size int) {
	size = len(c.out) - at
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(size))
	c.out[at-1] = head[0]
	if n > 1 {
		c.out = slices.Insert(c.out, at, head[1:n]...)
	}
	return size
}

// inside reads a nested value at the front and goes on behind it.
func (c *codec) inside(fields func(*codec)) {
	body := c.bytes()
	after := c.rest
	if c.bad {
		return
	}
	c.rest = body
	c.next()
	fields(c)
	c.end()
	if !c.bad {
		c.rest = after
		c.next()
	}
}

// opt is a struct behind a pointer.
func opt[T any](c *codec, num uint64, p **T, fields func(*T, *codec)) {
	if c.reading {
		if c.at(num, wireBytes) {
			*p = new(T)
			c.inside(func(c *codec) { fields(*p, c) })
		}
	} else if *p != nil {
		c.within(num, func(c *codec) { fields(*p, c) })
	}
}

// list is a list of structs; reading leaves an empty one, never nil.
func list[T any](c *codec, num uint64, p *[]T, fields func(*T, *codec)) {
	if c.reading {
		all := []T{}
		for c.at(num, wireBytes) {
			var e T
			c.inside(func(c *codec) { fields(&e, c) })
			all = append(all, e)
		}
		*p = all
		return
	}
	for i := range *p {
		c.within(num, func(c *codec) { fields(&(*p)[i], c) })
	}
}
