//go:build ignore

// pack encodes a WAV file by the name of its result: .ul or .g722.
package main

import (
	"log"
	"os"
	"path/filepath"

	"strowger/media/audio"
)

func main() {
	clip, err := audio.LoadWAV(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var out []byte
	switch ext := filepath.Ext(os.Args[2]); {
	case ext == ".ul" && clip.Rate == audio.Rate:
		out = audio.EncodeULaw(nil, clip.PCM)
	case ext == ".g722" && clip.Rate == audio.WideRate:
		out = audio.NewG722Encoder().Encode(nil, append(clip.PCM, 0))
	default:
		log.Fatalf("%s at %d Hz as %s", os.Args[1], clip.Rate, ext)
	}
	if err := os.WriteFile(os.Args[2], out, 0o644); err != nil {
		log.Fatal(err)
	}
}
