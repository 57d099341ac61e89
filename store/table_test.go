package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// model compares a table with a map through many edits, and every old version
// with what it was.
func TestTableIsAMapThatKeepsItsPast(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var table Table[int]
		model := map[string]*int{}
		type version struct {
			table Table[int]
			model map[string]*int
		}
		var past []version
		for step := range 3000 {
			key := fmt.Sprintf("k%03d", r.IntN(700))
			if r.IntN(5) < 2+int(seed%2) {
				table = table.without(key)
				delete(model, key)
			} else {
				v := step
				table = table.with(key, &v)
				model[key] = &v
			}
			if step%500 == 0 {
				past = append(past, version{table, maps.Clone(model)})
			}
		}
		past = append(past, version{table, model})
		for i, v := range past {
			same(t, fmt.Sprintf("seed %d version %d", seed, i), v.table, v.model)
		}
	}
}

// Between any two versions, what changed is exactly what a comparison of all
// records says.
func TestTableSaysWhatChanged(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 2))
		versions := []Table[int]{{}}
		var table Table[int]
		// Most edits lie close together, so that whole nodes are shared.
		for range 40 {
			near := r.IntN(3000)
			for range r.IntN(200) {
				key := fmt.Sprintf("k%04d", near+r.IntN(100))
				if r.IntN(5) < 2 {
					table = table.without(key)
				} else {
					v := r.Int()
					table = table.with(key, &v)
				}
			}
			versions = append(versions, table)
		}
		for _, old := range versions {
			now := versions[r.IntN(len(versions))]
			want := map[string]bool{}
			for k, v := range old.All() {
				if is, _ := now.Get(k); is != v {
					want[k] = true
				}
			}
			for k, v := range now.All() {
				if was, _ := old.Get(k); was != v {
					want[k] = true
				}
			}
			if got := slices.Collect(now.Changed(old)); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
				t.Fatalf("seed %d: %v changed, want %v", seed, got, want)
			}
			for range now.Changed(old) { // may stop early
				break
			}
		}
	}
}

func BenchmarkTableChanged(b *testing.B) {
	keys := make([]string, 50000)
	vals := make([]*int, len(keys))
	for i := range keys {
		keys[i], vals[i] = fmt.Sprintf("k%05d", i), new(int)
	}
	old := buildTable(keys, vals)
	now := old.with("k25000", new(int))
	b.ReportAllocs()
	for b.Loop() {
		for range now.Changed(old) {
		}
	}
}

func same(t *testing.T, what string, table Table[int], model map[string]*int) {
	t.Helper()
	if table.Len() != len(model) {
		t.Fatalf("%s: %d records, want %d", what, table.Len(), len(model))
	}
	keys := slices.Sorted(maps.Keys(model))
	var got []string
	for k, v := range table.All() {
		if model[k] != v {
			t.Fatalf("%s: %s is another record", what, k)
		}
		got = append(got, k)
	}
	if !slices.Equal(got, keys) {
		t.Fatalf("%s: keys %v, want %v", what, got, keys)
	}
	for _, k := range keys {
		if v, ok := table.Get(k); !ok || v != model[k] {
			t.Fatalf("%s: Get(%s) failed", what, k)
		}
	}
	for _, from := range []string{"", "k2", "k300", "k3005", "z"} {
		i, _ := slices.BinarySearch(keys, from)
		got = got[:0]
		for k := range table.From(from) {
			got = append(got, k)
		}
		if !slices.Equal(got, keys[i:]) {
			t.Fatalf("%s: From(%s) gives %d keys, want %d", what, from, len(got), len(keys[i:]))
		}
	}
	if shape(table.root) < 0 {
		t.Fatalf("%s: leaves are not at one depth", what)
	}
}

// shape is the depth below a node, -1 when it is uneven.
func shape[T any](n *node[T]) int {
	if n == nil || n.kids == nil {
		return 0
	}
	depth := shape(n.kids[0])
	for _, kid := range n.kids {
		if d := shape(kid); d != depth || d < 0 {
			return -1
		}
	}
	return depth + 1
}

func TestTableBuiltAtOnce(t *testing.T) {
	for _, n := range []int{0, 1, 23, 24, 25, 600, 50_000} {
		keys, vals := make([]string, n), make([]*int, n)
		model := map[string]*int{}
		for i := range n {
			v := i
			keys[i], vals[i] = fmt.Sprintf("k%06d", i), &v
			model[keys[i]] = &v
		}
		same(t, fmt.Sprint(n), buildTable(keys, vals), model)
	}
}

func TestDifferencesLooksOnlyAtWhatDiffers(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 2))
		var a Table[int]
		for range 2000 {
			v := 0
			a = a.with(fmt.Sprintf("k%05d", r.IntN(20_000)), &v)
		}
		b := a
		want := map[string]bool{}
		for range r.IntN(40) {
			key := fmt.Sprintf("k%05d", r.IntN(20_000))
			if r.IntN(2) == 0 {
				b = b.without(key)
			} else {
				v := 1
				b = b.with(key, &v)
			}
			x, _ := a.Get(key)
			y, _ := b.Get(key)
			delete(want, key)
			if x != y {
				want[key] = true
			}
		}
		got := map[string]bool{}
		last := ""
		differences(a, b, func(key string, x, y *int) error {
			if key <= last {
				t.Fatalf("seed %d: %s comes after %s", seed, key, last)
			}
			last = key
			if p, _ := a.Get(key); p != x {
				t.Fatalf("seed %d: %s was not that in a", seed, key)
			}
			if p, _ := b.Get(key); p != y {
				t.Fatalf("seed %d: %s was not that in b", seed, key)
			}
			got[key] = true
			return nil
		})
		if !maps.Equal(got, want) {
			t.Fatalf("seed %d: differ %v, want %v", seed, got, want)
		}
	}
}

func BenchmarkTablePut(b *testing.B) {
	var t Table[int]
	v := 1
	for i := range 50_000 {
		t = t.with(fmt.Sprintf("k%06d", i), &v)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		t.with(fmt.Sprintf("k%06d", i*7919%50_000), &v)
	}
}
