package store

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// unsaved are the fields that a record does not keep: write-only ones go into
// its secret, the organization is in its key.
var unsaved = map[string]bool{
	"User.Password": true, "User.VoicemailPIN": true, "SIPAccount.Password": true, "TrunkAuth.Password": true, "MailServer.Password": true, "OpenIDProvider.ClientSecret": true,
	"AppDevice.Password": true, "AppDevice.TokenCode": true, "User.InvitationCode": true, "User.unnamed": true, "Device.Token": true, "Binding.Org": true, "Call.Org": true, "Job.Org": true, "CallRecording.Org": true, "Voicemail.Org": true,
	"Revision.Generated": true, "Revision.Readdressed": true,
}

// fill sets every field to something that is not zero, so that one which the
// codec forgot comes back different.
func fill(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<32), r.Int64N(1e9)).UTC()))
			return
		}
		if ch, ok := v.Addr().Interface().(*Change); ok {
			*ch = Change{Path: "users/anna", Op: OpUpdate, Before: State{inUsers, []byte("was")}, After: State{data: []byte(`{"id":"anna"}`)}, Secret: true}
			return
		}
		for i := range v.NumField() {
			if !unsaved[v.Type().Name()+"."+v.Type().Field(i).Name] {
				fill(v.Field(i), r)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), r)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(3), 4))
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 1 + r.IntN(3) {
			v.SetMapIndex(reflect.ValueOf(strings.Repeat("k", 1+r.IntN(9))), reflect.ValueOf("v"))
		}
	case reflect.String:
		v.SetString(strings.Repeat("ä", 1+r.IntN(100)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(1<<40) - 1<<39)
	case reflect.Uint8:
		v.SetUint(1 + r.Uint64N(200))
	case reflect.Uint32:
		v.SetUint(1 + r.Uint64N(1<<31))
	case reflect.Uint64:
		v.SetUint(r.Uint64())
	case reflect.Float64:
		v.SetFloat(r.Float64())
	default:
		panic("no value for " + v.Type().String())
	}
}

func roundTrip[T any](t *testing.T, fields func(*T, *codec)) {
	t.Helper()
	name := reflect.TypeFor[T]().Name()
	for seed := range uint64(20) {
		in := new(T)
		fill(reflect.ValueOf(in).Elem(), rand.New(rand.NewPCG(seed, 3)))
		data := encode(func(c *codec) { fields(in, c) })
		out := new(T)
		if !decode(string(data), func(c *codec) { fields(out, c) }) {
			t.Fatalf("%s: what was written cannot be read", name)
		}
		if !reflect.DeepEqual(in, out) {
			t.Fatalf("%s: is there a field that fields.go does not list?\nwrote %+v\nread  %+v", name, in, out)
		}
	}
	// Nothing makes an empty record, whose lists JSON shows as [].
	empty := new(T)
	if !decode("", func(c *codec) { fields(empty, c) }) {
		t.Fatalf("%s: an empty record cannot be read", name)
	}
	if data := encode(func(c *codec) { fields(empty, c) }); len(data) != 0 {
		t.Errorf("%s: an empty record takes %d bytes", name, len(data))
	}
	text, err := json.Marshal(empty)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "null") {
		t.Errorf("%s: an empty record has null in its JSON: %s", name, text)
	}
}

func TestEveryFieldIsStored(t *testing.T) {
	roundTrip(t, (*Organization).fields)
	roundTrip(t, (*User).fields)
	roundTrip(t, (*ContactMethod).fields)
	roundTrip(t, (*Number).fields)
	roundTrip(t, (*InternalNumber).fields)
	roundTrip(t, (*Trunk).fields)
	roundTrip(t, (*Device).fields)
	roundTrip(t, (*AppDevice).fields)
	roundTrip(t, (*Fetch).fields)
	roundTrip(t, (*TimeSchedule).fields)
	roundTrip(t, (*AudioFile).fields)
	roundTrip(t, (*DeliveryMethod).fields)
	roundTrip(t, (*FeatureCode).fields)
	roundTrip(t, (*CallFlow).fields)
	roundTrip(t, (*Token).fields)
	roundTrip(t, (*Secret).fields)
	roundTrip(t, (*Revision).fields)
	roundTrip(t, (*Binding).fields)
	roundTrip(t, (*Call).fields)
	roundTrip(t, (*CallRecording).fields)
	roundTrip(t, (*Voicemail).fields)
	roundTrip(t, (*Job).fields)
	roundTrip(t, (*LadderStep).fields)
	roundTrip(t, (*Decision).fields)
}

// A later release may drop a field or add one; what it does not list is skipped.
func TestUnlistedFieldsAreSkipped(t *testing.T) {
	type wide struct{ a, b, c string }
	data := encode(func(c *codec) {
		w := wide{"one", "two", "three"}
		n := 300
		c.str(1, &w.a)
		c.int(2, &n)
		c.sub(3, func(c *codec) { c.str(1, &w.b) })
		c.str(9, &w.c)
		c.str(10, &w.a)
	})
	var first, last string
	if !decode(string(data), func(c *codec) { c.str(1, &first); c.str(9, &last) }) {
		t.Fatal("cannot be read")
	}
	if first != "one" || last != "three" {
		t.Fatalf("read %q and %q", first, last)
	}
}

// Whatever bytes there are, reading them ends and does not panic; what it
// accepts it writes again in a form that reads the same.
func FuzzDecode(f *testing.F) {
	user := User{Meta: Meta{ID: "anna"}, FirstName: "Anna", Routing: UserRouting{Mode: RouteRingAll, ContactMethodIDs: []string{"a", "b"}}}
	f.Add(encode(user.fields))
	f.Add([]byte{3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, check := range []func(string){
			func(s string) { refix(t, s, (*User).fields) },
			func(s string) { refix(t, s, (*ContactMethod).fields) },
			func(s string) { refix(t, s, (*CallFlow).fields) },
			func(s string) { refix(t, s, (*Call).fields) },
		} {
			check(string(data))
		}
		eachChange(data, func(key, value []byte) {})
	})
}

func refix[T any](t *testing.T, s string, fields func(*T, *codec)) {
	a, b := new(T), new(T)
	if !decode(s, func(c *codec) { fields(a, c) }) {
		return
	}
	if !decode(string(encode(func(c *codec) { fields(a, c) })), func(c *codec) { fields(b, c) }) {
		t.Fatal("what was written again cannot be read")
	}
	x, y := encode(func(c *codec) { fields(a, c) }), encode(func(c *codec) { fields(b, c) })
	if string(x) != string(y) {
		t.Fatalf("written twice it differs:\n%x\n%x", x, y)
	}
}
