package provisioning

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
)

// Filled gives a copy of a record in which every list and every map that is
// nil is empty instead, so that JSON says [] and {} and not null, and a record
// looks the same before and after a restart. What it shares with the record it
// does not change.
func Filled[T any](record *T) T {
	out := *record
	fill(reflect.ValueOf(&out).Elem())
	return out
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == timeType {
			return
		}
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				fill(f)
			}
		}
	case reflect.Pointer:
		if v.IsNil() || v.Elem().Kind() != reflect.Struct {
			return
		}
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(v.Elem())
		fill(c.Elem())
		v.Set(c)
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	case reflect.Slice:
		if v.Type() == rawType || v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return
		}
		if v.Type().Elem().Kind() != reflect.Struct {
			return
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		for i := range c.Len() {
			fill(c.Index(i))
		}
		v.Set(c)
	}
}

// ETag names a record's content, as HTTP writes it.
func ETag[T any](record *T) string {
	filled := Filled(record)
	raw, err := json.Marshal(&filled)
	if err != nil {
		return "" // plain data always marshals
	}
	sum := sha256.Sum256(raw)
	return `"` + hex.EncodeToString(sum[:10]) + `"`
}
