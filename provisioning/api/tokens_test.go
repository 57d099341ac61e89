package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"strowger/store"
)

// tokens are an operator's, two administrators' and a user's, by id; acme is
// another organization.
func (x *exchange) tokens() map[string]header {
	x.t.Helper()
	x.people()
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme"}).want(201)
	out := map[string]header{}
	for _, t := range []object{
		{"id": "op", "role": "operator"}, {"id": "adm", "role": "admin"}, {"id": "second", "role": "admin"},
		{"id": "usr", "role": "user", "user_id": "anna"},
	} {
		out[t["id"].(string)] = header{"token": x.newToken(t, "")}
	}
	out["coyote"] = header{"token": x.newToken(object{"id": "coyote", "role": "admin"}, "acme")}
	return out
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestNobodyGainsReach: whatever an administrator or a user sends, no token comes
// of it that reaches further than the sender's own, none is changed or taken away
// that does, and none is known by a text of the sender's choice.
func TestNobodyGainsReach(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	mine := "sw_chosen"
	hash := hashOf(mine)
	declared := func(fields string) string {
		return fmt.Sprintf(`{"tokens": [{%s}]}`, fields)
	}
	before := x.do("GET", "/tokens", nil).want(200).raw
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		field        string
	}{
		{"POST", "/apply", declared(`"id": "new", "role": "operator", "prefix": "sw_x", "hash": "` + hash + `"`), 403, "tokens[0].hash"},
		{"POST", "/apply?dry_run=true", declared(`"id": "new", "role": "operator", "prefix": "sw_x", "hash": "` + hash + `"`), 403, "tokens[0].hash"},
		{"POST", "/apply", declared(`"id": "adm", "role": "admin", "hash": "` + hash + `"`), 403, "tokens[0].hash"},
		{"POST", "/apply", declared(`"id": "op", "role": "operator", "hash": "` + hash + `"`), 403, "tokens[0].hash"},
		{"POST", "/apply", "tokens: [{id: new, role: operator, hash: " + hash + "}]", 403, "tokens[0].hash"},
		{"POST", "/apply", declared(`"id": "adm", "role": "operator"`), 422, "tokens[0].role"},
		{"POST", "/apply", declared(`"id": "usr", "role": "admin"`), 422, "tokens[0].role"},
		{"POST", "/apply", declared(`"id": "usr"`), 422, "tokens[0].role"},
		{"POST", "/apply", declared(`"id": "usr", "role": "user", "user_id": "ion"`), 422, "tokens[0].role"},
		{"POST", "/apply", declared(`"id": "op", "role": "operator", "label": "mine"`), 422, "tokens[0].id"},
		{"POST", "/apply", declared(`"id": "op", "role": "admin"`), 422, "tokens[0].id"},
		{"POST", "/apply", declared(`"id": "new", "role": "operator"`), 422, "tokens[0].id"},
		{"POST", "/apply", declared(`"id": "new", "role": "admin"`), 422, "tokens[0].id"},
		{"POST", "/apply", `{"tokens": [{"id": "adm", "role": "admin"}, {"id": "adm", "role": "operator"}]}`, 422, "tokens[1].id"},
		{"POST", "/tokens", object{"role": "operator"}, 403, ""},
		{"POST", "/tokens", `{"role": "admin", "role": "operator"}`, 403, ""},
		{"POST", "/tokens", object{"role": "admin", "hash": hash}, 422, "hash"},
		{"POST", "/tokens", object{}, 422, "role"},
		{"PATCH", "/tokens/adm", object{"role": "operator"}, 422, "role"},
		{"PATCH", "/tokens/adm", object{"role": nil}, 422, "role"},
		{"PATCH", "/tokens/adm", object{"hash": hash}, 422, "hash"},
		{"PATCH", "/tokens/adm", object{"id": "op"}, 422, "id"},
		{"PATCH", "/tokens/usr", object{"user_id": "ion"}, 422, "role"},
		{"PATCH", "/tokens/op", object{"label": "mine"}, 404, ""},
		{"GET", "/tokens/op", nil, 404, ""},
		{"DELETE", "/tokens/op", nil, 404, ""},
		{"PUT", "/tokens/adm", object{"role": "operator"}, 405, ""},
		{"POST", "/restore", nil, 404, ""},
		{"GET", "/backup", nil, 403, ""},
	} {
		body := c.body
		if text, ok := body.(string); ok && text[0] != '{' {
			x.do(c.method, c.path, body, who["adm"], header{"Content-Type": "application/yaml"}).want(c.status, c.field)
			continue
		}
		x.do(c.method, c.path, body, who["adm"]).want(c.status, c.field)
		if c.method == "PUT" || c.path == "/restore" {
			continue
		}
		if c.method != "GET" || c.path == "/backup" {
			x.do(c.method, c.path, body, who["usr"]).want(403, "")
		}
	}
	if after := x.do("GET", "/tokens", nil).want(200).raw; string(after) != string(before) {
		t.Errorf("the tokens were\n%s\nand are\n%s", before, after)
	}
	x.do("GET", "/me", nil, header{"token": mine}).want(401)
}

// TestPruneLeavesWhatIsOutOfReach: an administrator's file that names no token
// takes those of the organization's administrators and users away, as deleting
// them one by one would, and not an operator's.
func TestPruneLeavesWhatIsOutOfReach(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	x.do("POST", "/apply?prune=true", `{"tokens": [{"id": "adm", "role": "admin", "label": "left"}]}`, who["adm"]).want(200)
	ids := x.do("GET", "/tokens", nil).want(200).ids()
	for id, stays := range map[string]bool{"op": true, "adm": true, "second": false, "usr": false} {
		if slices.Contains(ids, id) != stays {
			t.Errorf("%s is there: %v, want %v", id, !stays, stays)
		}
	}
	x.do("GET", "/backup", nil, who["op"]).want(200)
	if me := x.do("GET", "/me", nil, who["adm"]).want(200).object(); me["role"] != "admin" {
		t.Errorf("the token that was named is now %v", me)
	}
	x.do("POST", "/apply?prune=true", `{"tokens": []}`, who["adm"]).want(200)
	x.do("GET", "/me", nil, who["adm"]).want(401)
	x.do("GET", "/me", nil, who["op"]).want(200)
	x.do("GET", "/me", nil, who["coyote"]).want(200)
}

// TestRestoreKeepsTokens: going back to a revision neither brings a token back
// nor takes one away.
func TestRestoreKeepsTokens(t *testing.T) {
	x := newExchange(t)
	early := x.store.Revision()
	who := x.tokens()
	late := x.do("GET", "/revisions?limit=1", nil).items()[0]["revision"]
	x.do("DELETE", "/tokens/op", nil).want(204)
	x.do("POST", "/revisions/"+number(late)+"/restore", nil, who["adm"]).want(200)
	x.do("GET", "/me", nil, who["op"]).want(401)
	x.do("POST", fmt.Sprintf("/revisions/%d/restore", early), nil, who["usr"]).want(403)
	x.do("DELETE", "/tokens/usr", nil).want(204) // it names a user, who could not go
	x.do("POST", fmt.Sprintf("/revisions/%d/restore", early), nil, who["adm"]).want(200)
	x.do("GET", "/me", nil, who["second"]).want(200)
	x.do("GET", "/backup", nil).want(200)
}

// TestTokensByFile: on the machine itself a file declares tokens by their hashes;
// an operator elsewhere changes what is not their reach. An export has none and
// applies again.
func TestTokensByFile(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	text := "sw_declared"
	file := `{"tokens": [{"id": "ci", "label": "CI", "role": "operator", "prefix": "sw_decla", "hash": "` + hashOf(text) + `"}]}`
	x.do("POST", "/apply", file).want(403, "tokens[0].hash")
	x.local("POST", "/apply", file).want(200)
	ci := header{"token": text}
	x.do("GET", "/backup", nil, ci).want(200)
	if r := x.local("POST", "/apply", file).want(200).object(); r["revision"] != 0.0 {
		t.Errorf("applied twice, the second time changes %v", r["changes"])
	}
	x.local("POST", "/apply?organization=acme", file).want(409, "tokens/ci.hash")
	x.local("POST", "/apply", `{"tokens": [{"id": "ci", "role": "admin"}]}`).want(422, "tokens[0].role")
	x.local("POST", "/apply", `{"tokens": [{"id": "bare", "role": "admin"}]}`).want(422, "tokens/bare.hash")

	x.do("POST", "/apply", `{"tokens": [{"id": "ci", "role": "operator", "label": "build"}]}`, who["op"]).want(200)
	if got := x.do("GET", "/tokens/ci", nil, ci).want(200).object(); got["label"] != "build" || got["prefix"] != "sw_decla" {
		t.Errorf("changed to %v", got)
	}
	for _, w := range []header{who["op"], who["adm"]} {
		export := x.do("GET", "/export", nil, w).want(200)
		if export.object()["tokens"] != nil {
			t.Errorf("the export has tokens: %s", export.raw)
		}
		if r := x.do("POST", "/apply?prune=true", string(export.raw), w).want(200).object(); r["revision"] != 0.0 {
			t.Errorf("an export changes %v", r["changes"])
		}
	}
	x.do("POST", "/apply?prune=true", `{"tokens": [{"id": "op", "role": "operator"}]}`, who["op"]).want(200)
	x.do("GET", "/me", nil, ci).want(401)
	x.do("GET", "/me", nil, who["op"]).want(200)
}

// TestOtherOrganizations: what an administrator names of another organization is
// not there, in a path, a query, a header, a body, a cursor or a revision.
func TestOtherOrganizations(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	ctx := t.Context()
	x.do("PATCH", "/users/ion", object{"last_name": "Albu-Radu"}).want(200)
	x.store.SaveCall(&store.Call{ID: "theirs", Org: "default", StartedAt: time.Now(), EndedAt: time.Now()}, nil, nil)
	for _, err := range []error{
		x.store.PutRecording(ctx, &store.CallRecording{ID: "theirs", Org: "default", State: store.RecordingDelivered}),
		x.store.PutVoicemail(ctx, &store.Voicemail{ID: "theirs", Org: "default", UserID: "anna"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	last := number(x.do("GET", "/revisions?limit=1", nil).items()[0]["revision"])
	before := x.do("GET", "/export", nil).raw
	for _, c := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"POST", "/apply?organization=default", `{"users": []}`, 404},
		{"GET", "/export?organization=default", nil, 404},
		{"POST", "/apply", `{"organizations": [{"id": "default", "name": "Mine"}]}`, 422},
		{"POST", "/apply", `{"numbers": [{"id": "n", "e164": "+40215550100"}]}`, 409},
		{"POST", "/apply", `{"numbers": [{"id": "n", "e164": "+40215550199", "trunk_id": "carrier"}]}`, 422},
		{"POST", "/apply", `{"tokens": [{"id": "adm", "role": "admin"}]}`, 422},
		{"POST", "/tokens", object{"role": "user", "user_id": "anna"}, 422},
		{"PATCH", "/tokens/adm", object{"label": "x"}, 404},
		{"DELETE", "/tokens/adm", nil, 404},
		{"PATCH", "/organizations/default", object{"name": "Mine"}, 404},
		{"GET", "/users/anna%00", nil, 404},
		{"GET", "/revisions/" + last, nil, 404},
		{"POST", "/revisions/" + last + "/restore", nil, 404},
		{"GET", "/calls/theirs", nil, 404},
		{"GET", "/calls/theirs/trace", nil, 404},
		{"DELETE", "/calls/theirs", nil, 404},
		{"GET", "/recordings/theirs", nil, 404},
		{"DELETE", "/recordings/theirs", nil, 404},
		{"GET", "/voicemails/theirs/audio", nil, 404},
		{"PATCH", "/voicemails/theirs", object{"read": true}, 404},
		{"POST", "/calls", object{"from": "anna-app", "to": "102"}, 422},
		{"POST", "/routes/explain", object{"from": "anna-app", "to": "102"}, 422},
	} {
		x.do(c.method, c.path, c.body, who["coyote"]).want(c.status)
	}
	x.do("GET", "/users", nil, who["coyote"], header{"X-Organization": "default"}).want(404)
	for _, path := range []string{"/calls?cursor=theirs", "/recordings?cursor=theirs", "/voicemails?cursor=theirs"} {
		if r := x.do("GET", path, nil, who["coyote"]); r.status != 404 && len(r.items()) != 0 {
			t.Errorf("%s: %s", path, r.raw)
		}
	}
	for _, r := range x.do("GET", "/revisions?cursor=9999999", nil, who["coyote"]).want(200).items() {
		if r["summary"] == "change user" {
			t.Errorf("shows the revision %v", r)
		}
	}
	if after := x.do("GET", "/export", nil).raw; string(after) != string(before) {
		t.Errorf("the organization was\n%s\nand is\n%s", before, after)
	}
}

// TestIdempotencyKeysApart: ids of tokens are an organization's own, so that two
// may be called the same; neither is answered what the other was.
func TestIdempotencyKeysApart(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme"}).want(201)
	key := header{"Idempotency-Key": "k"}
	operator := header{"token": x.newToken(object{"id": "same", "role": "operator"}, "")}
	admin := header{"token": x.newToken(object{"id": "same", "role": "admin"}, "acme")}
	body := object{"role": "operator"}
	x.do("POST", "/tokens", body, operator, key, header{"X-Organization": "acme"}).want(201)
	x.do("POST", "/tokens", body, admin, key, header{"X-Organization": "acme"}).want(403, "")
}

// TestOrganizationsOfOneName: an organization that takes another's name gets
// nothing that was meant for that one.
func TestOrganizationsOfOneName(t *testing.T) {
	x := newExchange(t)
	for _, id := range []string{"acme", "bulk"} {
		x.do("POST", "/organizations", object{"id": id, "name": id + " Ltd"}).want(201)
	}
	acme := header{"token": x.newToken(object{"role": "admin"}, "acme")}
	bulk := header{"token": x.newToken(object{"role": "admin"}, "bulk")}
	x.do("PATCH", "/organizations/acme", object{"name": "Bulk Ltd"}, acme).want(200)
	x.do("POST", "/users", object{"id": "u", "first_name": "U"}, header{"X-Organization": "bulk ltd"}).want(409, "")
	x.do("POST", "/users", object{"id": "u", "first_name": "U"}, header{"X-Organization": "bulk"}).want(201)
	x.do("GET", "/users/u", nil, acme, header{"X-Organization": "Bulk Ltd"}).want(404)
	x.do("GET", "/users/u", nil, bulk, header{"X-Organization": "Bulk Ltd"}).want(200)
}

// TestDomainIsTheOperators: an organization's administrator does not choose whose
// phones it answers.
func TestDomainIsTheOperators(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme", "domain": "acme.example"}).want(201)
	acme := header{"token": x.newToken(object{"role": "admin"}, "acme")}
	in := header{"X-Organization": "acme"}
	want := func(domain string) {
		t.Helper()
		if got := x.do("GET", "/organizations/acme", nil).want(200).object()["domain"]; got != domain {
			t.Errorf("the domain is %q, want %q", got, domain)
		}
	}
	x.do("PATCH", "/organizations/acme", object{"domain": "192.0.2.1"}, acme).want(403, "domain")
	x.do("PATCH", "/organizations/acme", object{"domain": "ACME.example", "language": "en"}, acme).want(200)
	x.do("POST", "/apply", `{"organizations": [{"id": "acme", "name": "Acme", "domain": "192.0.2.1"}]}`, acme).want(403, "domain")
	x.do("POST", "/apply", string(x.do("GET", "/export", nil, acme).want(200).raw), acme).want(200)
	want("acme.example")

	x.do("PATCH", "/organizations/acme", object{"name": "Acme Ltd"}, acme).want(200)
	last := number(x.do("GET", "/revisions?limit=1", nil, in).items()[0]["revision"])
	x.do("PATCH", "/organizations/acme", object{"name": "Other", "domain": "other.example"}).want(200)
	x.do("POST", "/revisions/"+last+"/restore", nil, acme).want(200)
	want("other.example")
	if name := x.do("GET", "/organizations/acme", nil).object()["name"]; name != "Acme Ltd" {
		t.Errorf("restored the name %v", name)
	}
	x.do("POST", "/apply", `{"organizations": [{"id": "acme", "name": "Acme", "domain": "acme.example"}]}`, in).want(200)
	want("acme.example")
}

// TestTokenEndsWithItsMaker: who made a token may know it, and has no way in by it who
// is no administrator any more, or is gone; other programs go on.
func TestTokenEndsWithItsMaker(t *testing.T) {
	x := newExchange(t)
	x.staff()
	x.do("POST", "/users", object{"id": "chief", "first_name": "Chief", "role": "admin"}).want(201)
	boss := x.browser("boss", "boss-password")
	made := func(body object) header {
		t.Helper()
		tok := boss.do("POST", "/tokens", body).want(201).object()
		if tok["created_by"] != "boss" {
			t.Errorf("made by %v", tok["created_by"])
		}
		return header{"token": tok["token"].(string)}
	}
	program := made(object{"id": "program", "label": "Program", "role": "admin"})
	another := made(object{"id": "another", "role": "user", "user_id": "anna"})
	own := made(object{"id": "own", "role": "user", "user_id": "boss", "created_by": "chief"})
	child := header{"token": x.do("POST", "/tokens", object{"id": "child", "role": "admin"}, program).want(201).object()["token"].(string)}
	operators := header{"token": x.newToken(object{"id": "theirs", "role": "admin"}, "")}
	is := func(makers, owners int) {
		t.Helper()
		for _, h := range []header{program, another, child} {
			x.do("GET", "/me", nil, h).want(makers)
		}
		x.do("GET", "/me", nil, own).want(owners)
		x.do("GET", "/me", nil, operators).want(200)
	}
	is(200, 200)
	x.do("PATCH", "/tokens/program", object{"label": "Renamed"}).want(200) // stays the maker's
	x.do("PATCH", "/users/boss", object{"role": "user"}).want(200)
	is(401, 200)
	x.do("PATCH", "/users/boss", object{"role": "admin"}).want(200)
	is(200, 200)
	var named []string
	for _, d := range x.do("GET", "/users/boss/dependencies", nil).want(200).items() {
		if d["collection"] == "tokens" {
			named = append(named, d["id"].(string))
		}
	}
	if slices.Sort(named); !slices.Equal(named, []string{"another", "child", "own", "program"}) {
		t.Errorf("the deletion names %v", named)
	}
	x.do("DELETE", "/users/boss?confirm=true", nil).want(204)
	is(401, 401)
	if left := x.do("GET", "/tokens", nil).want(200).ids(); slices.Contains(left, "program") || !slices.Contains(left, "theirs") {
		t.Errorf("left: %v", left)
	}
}
