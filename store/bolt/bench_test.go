package bolt

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"

	"strowger/store"
)

// BenchmarkScatteredPuts is what it costs to write one value of 300 bytes
// somewhere among 50,000, in commits of the given size.
func BenchmarkScatteredPuts(b *testing.B) {
	for _, size := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			be, err := Open(filepath.Join(b.TempDir(), "strowger.db"), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer be.Close()
			keys := make([][]byte, 50_000)
			value := make([]byte, 300)
			var ops []store.Op
			for i := range keys {
				keys[i] = make([]byte, 24)
				rand.Read(keys[i])
				ops = append(ops, store.Op{Bucket: store.BucketBindings, Key: keys[i], Value: value})
			}
			if err := be.Commit(context.Background(), ops); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for i := 0; i < b.N; i += size {
				ops = ops[:0]
				for j := range size {
					ops = append(ops, store.Op{Bucket: store.BucketBindings, Key: keys[(i*7919+j*104729)%len(keys)], Value: value})
				}
				if err := be.Commit(context.Background(), ops); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLog is what it costs to save one value of 300 bytes in the log, in
// records of the given number of values.
func BenchmarkLog(b *testing.B) {
	for _, size := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			be, err := Open(filepath.Join(b.TempDir(), "strowger.db"), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer be.Close()
			record := make([]byte, 300*size)
			for i := 0; i < b.N; i += size {
				if err := be.AppendLog(context.Background(), record); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
