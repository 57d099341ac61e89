package audio

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// ituDir holds the test data of the ITU-T Software Tool Library (G.191), whose
// licence keeps them out of this repository.
func ituFile(t *testing.T, name string) []byte {
	dir := os.Getenv("STROWGER_ITU_DATA")
	if dir == "" {
		t.Skip("STROWGER_ITU_DATA names no directory with the G.191 test data")
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Skip(err)
	}
	return b
}

func words(b []byte) []int16 {
	w := make([]int16, len(b)/2)
	for i := range w {
		w[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return w
}

func TestG722AgainstG191(t *testing.T) {
	in := words(ituFile(t, "inpsp.bin"))
	want := words(ituFile(t, "codspw.cod"))
	got := NewG722Encoder().Encode(nil, in)
	bits := make([]byte, len(want))
	for i, w := range want {
		bits[i] = byte(w)
	}
	if !bytes.Equal(got, bits) {
		for i := range got {
			if got[i] != bits[i] {
				t.Fatalf("byte %d of %d/%d: %#x, want %#x", i, len(got), len(bits), got[i], bits[i])
			}
		}
		t.Fatalf("%d bytes, want %d", len(got), len(bits))
	}
	out := NewG722Decoder().Decode(nil, bits)
	ref := words(ituFile(t, "outsp1.bin"))
	for i := range out {
		if i < len(ref) && out[i] != ref[i] {
			t.Fatalf("sample %d of %d/%d: %d, want %d", i, len(out), len(ref), out[i], ref[i])
		}
	}
	if len(out) != len(ref) {
		t.Fatalf("%d samples, want %d", len(out), len(ref))
	}
}
