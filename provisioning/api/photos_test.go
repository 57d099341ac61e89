package api_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"testing"
)

// halves is a picture, red on the left and blue on the right.
func halves(width, height int) image.Image {
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: 255, A: 255}
			if x >= width/2 {
				c = color.NRGBA{B: 255, A: 255}
			}
			p.SetNRGBA(x, y, c)
		}
	}
	return p
}

func asPNG(t *testing.T, p image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// asTurnedJPEG is a picture that a camera took while held in a way that EXIF names.
func asTurnedJPEG(t *testing.T, p image.Image, how byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(how) + "\x00\x00<script>taken at home</script>"
	size := binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))
	return b.String()[:2] + "\xff\xe1" + string(size) + exif + b.String()[2:]
}

// claiming is a PNG that says it is larger than it is.
func claiming(t *testing.T, width, height uint32) string {
	raw := []byte(asPNG(t, halves(1, 1)))
	binary.BigEndian.PutUint32(raw[16:], width)
	binary.BigEndian.PutUint32(raw[20:], height)
	// The checksum of the header would be told first otherwise.
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return string(raw)
}

// A photo is drawn anew, small and square and upright; its version changes with it,
// and it goes with its user.
func TestPhotos(t *testing.T) {
	x := newExchange(t)
	x.staff()
	x.do("GET", "/users/anna/photo", nil).want(404, "")
	put := x.do("PUT", "/users/anna/photo", asPNG(t, halves(600, 400)), header{"Content-Type": "image/png"}).want(200)
	version := put.object()["photo"].(string)
	got := x.do("GET", "/users/anna/photo", nil).want(200)
	p, form, err := image.Decode(bytes.NewReader(got.raw))
	if err != nil || form != "jpeg" || p.Bounds() != image.Rect(0, 0, 256, 256) {
		t.Fatalf("%v, %s, %v", p.Bounds(), form, err)
	}
	if r, _, b, _ := p.At(10, 10).RGBA(); r < 0xf000 || b > 0x1000 {
		t.Errorf("the left is %v", p.At(10, 10))
	}
	for name, want := range map[string]string{"Content-Type": "image/jpeg", "ETag": `"` + version + `"`, "Cache-Control": "private, no-cache",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
		}
	}
	if put.header.Get("ETag") != `"`+version+`"` || version == "" {
		t.Errorf("put answers %q of %q", put.header.Get("ETag"), version)
	}
	if c := x.do("GET", "/users/anna/photo?v="+version, nil).want(200).header.Get("Cache-Control"); !strings.Contains(c, "private") || !strings.Contains(c, "immutable") {
		t.Errorf("by its version: %q", c)
	}
	if c := x.do("GET", "/users/anna/photo?v=other", nil).want(200).header.Get("Cache-Control"); strings.Contains(c, "immutable") {
		t.Errorf("by another version: %q", c)
	}
	x.do("GET", "/users/anna/photo", nil, header{"If-None-Match": `"` + version + `"`}).want(304)
	x.do("GET", "/users/anna/photo?size=1", nil).want(422, "size")

	// Nothing of the file is kept; it stands upright as the camera was held.
	x.do("PUT", "/users/anna/photo", asTurnedJPEG(t, halves(300, 300), 6), header{"If-Match": `"old"`}).want(412, "")
	turned := x.do("PUT", "/users/anna/photo", asTurnedJPEG(t, halves(300, 300), 6), header{"If-Match": `"` + version + `"`}).want(200)
	got = x.do("GET", "/users/anna/photo", nil).want(200)
	if bytes.Contains(got.raw, []byte("Exif")) || bytes.Contains(got.raw, []byte("script")) {
		t.Error("something of the file is in the photo")
	}
	if p, err = jpeg.Decode(bytes.NewReader(got.raw)); err != nil {
		t.Fatal(err)
	}
	if r, _, _, _ := p.At(240, 10).RGBA(); r < 0xe000 {
		t.Errorf("the top is %v", p.At(240, 10))
	}
	if _, _, b, _ := p.At(10, 240).RGBA(); b < 0xe000 {
		t.Errorf("the bottom is %v", p.At(10, 240))
	}
	if turned.object()["photo"] == version {
		t.Error("another photo has the same version")
	}
	const webp = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
	x.do("PUT", "/users/anna/photo", webp).want(200)

	// What is refused changes nothing.
	kept := x.do("GET", "/users/anna/photo", nil).want(200).raw
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"nothing":         {"", 422},
		"no picture":      {"<svg onload=alert(1)>", 415},
		"a GIF":           {"GIF89a", 415},
		"half a picture":  {asPNG(t, halves(600, 400))[:200], 422},
		"too many pixels": {claiming(t, 100_000, 100_000), 422},
		"too many bytes":  {asPNG(t, halves(2, 2)) + strings.Repeat("x", 10<<20), 413},
	} {
		x.do("PUT", "/users/anna/photo", c.body, header{"If-Match": "*"}).want(c.status, "photo")
		if now := x.do("GET", "/users/anna/photo", nil).want(200).raw; !bytes.Equal(now, kept) {
			t.Errorf("%s changed the photo", name)
		}
	}

	// A record says what there is, whatever is sent; no list of CSV has it.
	x.do("PATCH", "/users/anna", object{"photo": "mine", "job_title": "Boss"}).want(200)
	u := x.do("GET", "/users/anna", nil).want(200).object()
	if u["photo"] == "mine" || u["photo"] == "" {
		t.Errorf("the user has %v", u["photo"])
	}
	if csv := string(x.do("GET", "/users", nil, header{"Accept": "text/csv"}).want(200).raw); strings.Contains(csv, "photo") {
		t.Error("the CSV form has the photo")
	}

	// It survives a restart, and goes with the user.
	x.restart()
	if now := x.do("GET", "/users/anna/photo", nil).want(200).raw; !bytes.Equal(now, kept) {
		t.Error("after a restart it is another")
	}
	x.do("DELETE", "/users/anna?confirm=true", nil).want(204)
	x.do("POST", "/users", object{"id": "anna", "first_name": "Another", "photo": u["photo"]}).want(201)
	x.do("GET", "/users/anna/photo", nil).want(404, "")
	x.do("PUT", "/users/anna/photo", asPNG(t, halves(10, 20))).want(200)
	x.do("DELETE", "/users/anna/photo", nil).want(204)
	x.do("DELETE", "/users/anna/photo", nil).want(204) // there is none already
	x.do("GET", "/users/anna/photo", nil).want(404, "")
}

// One's own is one's own; an administrator's are the organization's.
func TestPhotosOfOthers(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	picture := asPNG(t, halves(20, 20))
	usr, coyote, op := who["usr"], who["coyote"], who["op"]
	x.do("PUT", "/users/anna/photo", picture, usr).want(200)
	x.do("PUT", "/me/photo", picture, usr).want(200)
	x.do("GET", "/me/photo", nil, usr).want(200)
	x.do("PUT", "/users/ion/photo", picture).want(200)
	for _, c := range []struct {
		who  header
		path string
	}{{usr, "/users/ion/photo"}, {coyote, "/users/anna/photo"}, {op, "/me/photo"}, {usr, "/users/nobody/photo"}} {
		x.do("GET", c.path, nil, c.who).want(404, "")
		x.do("PUT", c.path, picture, c.who).want(404, "")
		x.do("DELETE", c.path, nil, c.who).want(404, "")
	}
	x.do("GET", "/users/ion/photo", nil).want(200)
	x.do("DELETE", "/me/photo", nil, usr).want(204)
	x.do("GET", "/users/anna/photo", nil).want(404, "")
	x.do("GET", "/users/anna/photo", nil, header{"Authorization": ""}).want(401, "")
}

// Going back in the history is no way to another photo.
func TestPhotosStayWhenGoingBack(t *testing.T) {
	x := newExchange(t)
	x.people()
	before := x.newest()
	version := x.do("PUT", "/users/anna/photo", asPNG(t, halves(20, 20))).want(200).object()["photo"]
	x.do("PATCH", "/users/anna", object{"job_title": "Boss"}).want(200)
	x.do("POST", "/revisions/"+strconv.Itoa(int(before))+"/restore", nil).want(200)
	u := x.do("GET", "/users/anna", nil).want(200).object()
	if u["photo"] != version || u["job_title"] != "" {
		t.Errorf("the user is %v", u)
	}
	x.do("GET", "/users/anna/photo", nil).want(200)
}
