package provisioning

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"strowger/store"
)

const (
	// MaxPhoto is the size of the largest picture that is taken, in bytes, and
	// maxPhotoPixels how many pixels it may have: as a picture says so before it is
	// decoded, which takes up to twelve bytes for each.
	MaxPhoto       = 10 << 20
	maxPhotoPixels = 16_000_000

	// photoSide is the side of what is kept, in pixels; of a smaller picture it is
	// the picture's own.
	photoSide    = 256
	photoQuality = 85
)

// A pictureForm is one of those that photos come in.
type pictureForm struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var pictureForms = map[string]pictureForm{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// PutPhoto makes a picture, JPEG, PNG or WebP, a user's photo: the square in its
// middle, drawn anew, so that nothing of the file itself is kept. ifMatch may hold
// the tags of the photo that is to be replaced. It answers the user.
func (s *Service) PutPhoto(ctx context.Context, org string, by store.Author, userID, ifMatch string, picture io.Reader) (*UserView, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if _, ok := sn.Users.Get(userID); !ok {
		return nil, users.missing()
	}
	photo, err := s.readPhoto(ctx, picture)
	if err != nil {
		return nil, err
	}
	by.Summary = "put a user's photo"
	return s.changePhoto(ctx, org, by, userID, ifMatch, photo)
}

// DeletePhoto takes a user's photo away, if there is one.
func (s *Service) DeletePhoto(ctx context.Context, org string, by store.Author, userID, ifMatch string) error {
	by.Summary = "delete a user's photo"
	_, err := s.changePhoto(ctx, org, by, userID, ifMatch, nil)
	return err
}

func (s *Service) changePhoto(ctx context.Context, org string, by store.Author, userID, ifMatch string, photo []byte) (*UserView, error) {
	record, _, err := s.save(ctx, org, by, users, "", func(e *store.Edit) (*made, error) {
		u, ok := e.Users.Get(userID)
		if !ok {
			return nil, users.missing()
		}
		if !matchesETag(ifMatch, func() string { return photoTag(u.Photo) }) {
			return nil, ErrStale
		}
		return &made{id: userID}, e.PutPhoto(userID, photo)
	})
	if err != nil {
		return nil, err
	}
	return record.(*UserView), nil
}

// photoTag is a photo's ETag; without a photo no tag matches it.
func photoTag(version string) string {
	if version == "" {
		return ""
	}
	return `"` + version + `"`
}

// Photo gives a user's, a JPEG, with its tag and its version.
func (s *Service) Photo(ctx context.Context, org, userID string) (photo []byte, etag, version string, err error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, "", "", err
	}
	u, ok := sn.Users.Get(userID)
	if !ok {
		return nil, "", "", users.missing()
	}
	if u.Photo != "" {
		photo, err = s.store.Photo(ctx, org, userID)
	}
	if err == nil && photo == nil {
		err = refuse(http.StatusNotFound, "the user has no photo")
	}
	return photo, photoTag(u.Photo), u.Photo, err
}

// readPhoto draws a picture anew. One that is slow to arrive does not hold up
// others; they are drawn one at a time, for the memory that takes.
func (s *Service) readPhoto(ctx context.Context, r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxPhoto+1))
	switch {
	case err != nil:
		return nil, err
	case len(raw) > MaxPhoto:
		return nil, &Refusal{Status: http.StatusRequestEntityTooLarge, Field: "photo", Detail: store.Say("photo: larger than 10 MB")}
	case len(raw) == 0:
		return nil, invalid("photo", "empty")
	}
	kind := http.DetectContentType(raw)
	form, ok := pictureForms[kind]
	if !ok {
		return nil, &Refusal{Status: http.StatusUnsupportedMediaType, Field: "photo", Detail: store.Say("photo: want a JPEG, PNG or WebP picture")}
	}
	config, err := form.config(bytes.NewReader(raw))
	switch {
	case err != nil:
		return nil, invalid("photo", "cannot be read: %v", err)
	case config.Width <= 0 || config.Height <= 0:
		return nil, invalid("photo", "holds no picture")
	case config.Width > maxPhotoPixels/config.Height:
		return nil, invalid("photo", "%d × %d pixels are more than 16 million", config.Width, config.Height)
	}
	select {
	case s.drawing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.drawing }()
	picture, err := form.decode(bytes.NewReader(raw))
	if err != nil {
		return nil, invalid("photo", "cannot be read: %v", err)
	}
	turned := upright
	if kind == "image/jpeg" {
		turned = orientation(raw)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, turn(middle(picture), turned), &jpeg.Options{Quality: photoQuality}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// middle draws the square in the middle of a picture, on white where one sees
// through it.
func middle(picture image.Image) *image.RGBA {
	b := picture.Bounds()
	side := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	to := image.NewRGBA(image.Rect(0, 0, min(side, photoSide), min(side, photoSide)))
	draw.Draw(to, to.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(to, to.Bounds(), picture, from, draw.Over, nil)
	return to
}

// How a camera was held, as EXIF has it: 1 is upright, 2 to 8 are turned and
// mirrored.
const (
	upright        = 1
	tagOrientation = 0x0112
)

// turn makes a square stand upright.
func turn(p *image.RGBA, how int) *image.RGBA {
	if how <= upright || how > 8 {
		return p
	}
	out := image.NewRGBA(p.Bounds())
	last := p.Bounds().Dx() - 1
	for y := range last + 1 {
		for x := range last + 1 {
			from := [...][2]int{2: {last - x, y}, {last - x, last - y}, {x, last - y}, {y, x}, {y, last - x}, {last - y, last - x}, {last - y, x}}[how]
			out.SetRGBA(x, y, p.RGBAAt(from[0], from[1]))
		}
	}
	return out
}

// orientation reads how the camera was held out of a JPEG's EXIF segment, the one
// thing in there that the picture needs.
func orientation(raw []byte) int {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff; {
		marker, size := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(raw) {
			break // the picture itself begins, or nothing that we know
		}
		if exif, ok := bytes.CutPrefix(raw[at+4:at+2+size], []byte("Exif\x00\x00")); marker == 0xe1 && ok {
			return exifOrientation(exif)
		}
		at += 2 + size
	}
	return upright
}

// exifOrientation looks through the first directory of a TIFF header.
func exifOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := int(order.Uint16(tiff[at:]))
	for dir := tiff[at+2:]; entries > 0 && len(dir) >= 12; entries, dir = entries-1, dir[12:] {
		if order.Uint16(dir) == tagOrientation {
			return int(order.Uint16(dir[8:]))
		}
	}
	return upright
}
