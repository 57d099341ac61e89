package transaction

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

const tortureDir = "../../testdata/torture"

// verdict runs a datagram through everything that stands before the server: 0
// is silence, 1 goes on to the server, 2 is a response handed on.
func verdict(data []byte) (int, sip.Message) {
	var h transport.Head
	if !transport.Look(data, &h) {
		return 0, nil
	}
	msg, fault := parse(data, &h, false)
	if fault != nil {
		return fault.Status, nil
	}
	req, ok := msg.(*sip.Request)
	if !ok {
		return 2, msg
	}
	if fault := CheckRequest(req); fault != nil {
		return fault.Status, req
	}
	return 1, req
}

// tortureWant is the verdict on each message of RFC 4475 and RFC 5118; what is
// not listed goes on to the server.
var tortureWant = map[string]int{
	"intmeth": 501, "esc02": 501,
	"unreason": 2, "noreason": 2, "bcast": 2, // strays: no transaction wants them
	"badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "scalarlg": 0, "quotbal": 400, "ltgtruri": 400,
	"lwsruri": 400, "lwsstart": 400, "trws": 400, "escruri": 400, "regbadct": 400, "badaspec": 400,
	"baddn": 400, "baddn_terminated": 400, "badvers": 505, "mismatch01": 400, "mismatch02": 400, "bigcode": 0,
	"insuf": 400, "unkscm": 416, "novelsc": 416, "unksm2": 400, "bext01": 420, "invut": 415, "multi01": 400, "mcl01": 400,
	"sdp01": 406, "ipv6-bad": 400, "ipv6-bug-abnf-3-colons": 400,
}

func TestTorture(t *testing.T) {
	seen := 0
	for _, rfc := range []string{"rfc4475", "rfc5118"} {
		table, err := os.ReadFile(filepath.Join(tortureDir, rfc, "expected.tsv"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(table)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			col := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
			name := col[0]
			seen++
			t.Run(rfc+"/"+name, func(t *testing.T) {
				data, err := os.ReadFile(filepath.Join(tortureDir, rfc, name+".dat"))
				if err != nil {
					t.Fatal(err)
				}
				want, listed := tortureWant[name]
				if !listed {
					want = 1
				}
				got, _ := verdict(data)
				if got != want {
					t.Errorf("verdict %d, want %d (%s)", got, want, col[3])
				}
				// What the RFC forbids must not come out of this level, and where
				// one answer is ideal and ours to give, it must be that one.
				if got >= 400 && (hasStatus(col[6], got) || (col[5] != "" && !hasStatus(col[5], got))) {
					t.Errorf("answered %d; ideal is %s, forbidden is %s", got, col[5], col[6])
				}
				if got == 1 && strings.HasPrefix(col[5], "4") && col[5] != "481" && col[5] != "401" && !strings.Contains(col[5], "200") {
					t.Errorf("passed on; ideal is %s", col[5])
				}
			})
		}
	}
	if seen != 62 {
		t.Errorf("%d torture messages, want 62", seen)
	}
}

func hasStatus(list string, status int) bool {
	for v := range strings.SplitSeq(list, ",") {
		if len(v) == 3 && v[0] == byte('0'+status/100) && (v[1:] == "xx" || v == itoa(status)) {
			return true
		}
	}
	return false
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

func tortureRequest(t *testing.T, path string) *sip.Request {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(tortureDir, path))
	if err != nil {
		t.Fatal(err)
	}
	msg, fault := Parse(data, false)
	if fault != nil {
		t.Fatalf("%s: %v", path, fault)
	}
	return msg.(*sip.Request)
}

// TestTortureMeaning looks into the messages that are valid but strange.
func TestTortureMeaning(t *testing.T) {
	r := tortureRequest(t, "rfc4475/wsinv.dat")
	via := r.Via()
	if via.Transport != "UDP" || via.Host != "192.0.2.2" || via.Params.GetOr("branch", "") != "390skdjuw" {
		t.Errorf("wsinv: top Via %v", via)
	}
	if n := len(r.GetHeaders("via")); n != 3 {
		t.Errorf("wsinv: %d Vias, want 3", n)
	}
	if ToTag(r) != "1918181833n" || FromTag(r) != "98asjd8" {
		t.Errorf("wsinv: tags %q %q", ToTag(r), FromTag(r))
	}
	if r.From().DisplayName != `J Rosenberg \\\"` || r.Contact().DisplayName != `Quoted string \"\"` {
		t.Errorf("wsinv: names %q %q", r.From().DisplayName, r.Contact().DisplayName)
	}
	if c := r.Contact(); c.Params.GetOr("newparam", "") != "newvalue" || c.Params.GetOr("q", "") != "0.33" || !c.Params.Has("secondparam") {
		t.Errorf("wsinv: Contact parameters %v", c.Params)
	}
	if v, _ := Header(r, "newfangledheader"); v != "newfangled value continued newfangled value" {
		t.Errorf("wsinv: folded header %q", v)
	}
	if r.CSeq().SeqNo != 9 || *r.MaxForwards() != 68 || len(r.Body()) != 150 {
		t.Errorf("wsinv: CSeq %v, Max-Forwards %v, body %d", r.CSeq(), r.MaxForwards(), len(r.Body()))
	}

	r = tortureRequest(t, "rfc4475/semiuri.dat")
	if r.Recipient.User != "user;par=u%40example.net" || r.Recipient.Host != "example.com" || Unescape(r.Recipient.User) != "user;par=u@example.net" {
		t.Errorf("semiuri: %q at %q", r.Recipient.User, r.Recipient.Host)
	}
	r = tortureRequest(t, "rfc4475/intmeth.dat")
	if r.Recipient.User != "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*" || r.Recipient.Host != "example.com" {
		t.Errorf("intmeth: %q at %q", r.Recipient.User, r.Recipient.Host)
	}
	r = tortureRequest(t, "rfc4475/escnull.dat")
	if Unescape(r.To().Address.User) != "null-\x00-null" || SameUser("%00", "%00%00") {
		t.Errorf("escnull: %q", r.To().Address.User)
	}
	n := 0
	for range Contacts(r) {
		n++
	}
	if n != 2 || r.Contact().Address.User != "%00" {
		t.Errorf("escnull: %d contacts, first %q", n, r.Contact().Address.User)
	}
	r = tortureRequest(t, "rfc4475/dblreq.dat")
	if r.Method != sip.REGISTER || len(r.Body()) != 0 {
		t.Errorf("dblreq: %s with %d bytes", r.Method, len(r.Body()))
	}
	r = tortureRequest(t, "rfc4475/esc01.dat")
	if Unescape(r.Recipient.User) != "sips:user@example.com" || r.Recipient.Host != "example.net" || !SameUser(r.To().Address.User, "user") {
		t.Errorf("esc01: %q, %q", r.Recipient.User, r.To().Address.User)
	}
	r = tortureRequest(t, "rfc4475/longreq.dat")
	if n := len(r.GetHeaders("via")); n != 34 {
		t.Errorf("longreq: %d Vias", n)
	}
	r = tortureRequest(t, "rfc5118/port-ambiguous.dat")
	if r.Recipient.Port != 0 || r.Recipient.Host != "[2001:db8::10:5070]" {
		t.Errorf("port-ambiguous: %q port %d", r.Recipient.Host, r.Recipient.Port)
	}
	r = tortureRequest(t, "rfc5118/port-unambiguous.dat")
	if r.Recipient.Port != 5070 || r.Recipient.Host != "[2001:db8::10]" {
		t.Errorf("port-unambiguous: %q port %d", r.Recipient.Host, r.Recipient.Port)
	}
	for _, path := range []string{"rfc5118/via-received-param-with-delim.dat", "rfc5118/via-received-param-no-delim.dat"} {
		r = tortureRequest(t, path)
		if v := r.Via(); v.Host != "2001:db8::9:1" || unbracket(v.Params.GetOr("received", "")) != "2001:db8::9:255" {
			t.Errorf("%s: %v", path, v)
		}
	}
	// Written again, they say the same.
	for _, path := range []string{"rfc4475/wsinv.dat", "rfc4475/intmeth.dat", "rfc4475/longreq.dat", "rfc4475/semiuri.dat", "rfc4475/esc01.dat", "rfc5118/ipv4-mapped-ipv6.dat"} {
		r := tortureRequest(t, path)
		wire := AppendMessage(nil, r)
		again, fault := Parse(wire, true)
		if fault != nil {
			t.Errorf("%s does not survive writing: %v\n%s", path, fault, wire)
			continue
		}
		if twice := AppendMessage(nil, again); string(twice) != string(wire) {
			t.Errorf("%s changes when written twice:\n%s\n%s", path, wire, twice)
		}
	}
}

// unbracket takes the brackets off an IPv6 address.
func unbracket(s string) string { return strings.Trim(s, "[]") }
