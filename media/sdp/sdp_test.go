package sdp

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

var ours = Origin{ID: 77, Version: 3, Addr: netip.MustParseAddr("192.0.2.9")}

func body(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n") }

func parse(t testing.TB, b []byte) *Description {
	t.Helper()
	d, err := Parse(b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return d
}

// desk is what a desk phone offers.
var desk = body("v=0", "o=anna 20518 4 IN IP4 10.1.2.3", "s=Anna's phone", "e=anna@example.com", "c=IN IP4 10.1.2.3", "b=AS:84", "t=0 0",
	"a=tool:phone 1.2",
	"m=audio 11784 RTP/AVP 9 0 8 18 111 101", "b=TIAS:64000",
	"a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:18 G729/8000", "a=fmtp:18 annexb=no",
	"a=rtpmap:111 opus/48000/2", "a=fmtp:111 useinbandfec=1", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15",
	"a=ptime:20", "a=maxptime:150", "a=rtcp:11785", "a=rtcp-mux", "a=x-vendor:kept", "a=sendrecv")

func TestParseDeskPhone(t *testing.T) {
	d := parse(t, desk)
	if len(d.Media) != 1 {
		t.Fatal(len(d.Media))
	}
	m := d.Media[0]
	want := []Format{
		{9, "G722", 8000, 1, ""}, {0, "PCMU", 8000, 1, ""}, {8, "PCMA", 8000, 1, ""}, {18, "G729", 8000, 1, "annexb=no"},
		{111, "opus", 48000, 2, "useinbandfec=1"}, {101, "telephone-event", 8000, 1, "0-15"},
	}
	if !slices.Equal(m.Formats, want) {
		t.Errorf("formats %+v", m.Formats)
	}
	if m.Kind != "audio" || m.Port != 11784 || m.Proto != "RTP/AVP" || m.Addr != netip.MustParseAddr("10.1.2.3") ||
		m.RTCP != netip.MustParseAddrPort("10.1.2.3:11785") || !m.RTCPMux || m.EventPT != 101 || m.PTimeMS != 20 || m.MaxPTimeMS != 150 ||
		m.Direction != SendRecv || m.ICE || m.DTLS {
		t.Errorf("%+v", m)
	}
	if d.Origin != (Origin{20518, 4, netip.MustParseAddr("10.1.2.3")}) {
		t.Errorf("origin %+v", d.Origin)
	}
}

func TestParseTolerates(t *testing.T) {
	audio := "m=audio 4000 RTP/AVP 0"
	for name, c := range map[string]struct {
		body []byte
		want func(d *Description) bool
	}{
		"bare line feeds":     {[]byte("v=0\no=- 1 1 IN IP4 1.2.3.4\ns=-\nc=IN IP4 1.2.3.4\nt=0 0\nm=audio 4000 RTP/AVP 0\n"), func(d *Description) bool { return d.Media[0].Port == 4000 }},
		"no end of last line": {[]byte("v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 4000 RTP/AVP 0"), func(d *Description) bool { return d.Media[0].Formats[0].Name == "PCMU" }},
		"empty lines":         {body("v=0", "", "c=IN IP4 1.2.3.4", "", audio), func(d *Description) bool { return len(d.Media) == 1 }},
		"c= after m=":         {body("v=0", audio, "c=IN IP4 1.2.3.4"), func(d *Description) bool { return d.Media[0].Addr.String() == "1.2.3.4" }},
		"own c= wins":         {body("v=0", "c=IN IP4 1.2.3.4", audio, "c=IN IP4 5.6.7.8"), func(d *Description) bool { return d.Media[0].Addr.String() == "5.6.7.8" }},
		"IPv6":                {body("v=0", "c=IN IP6 2001:db8::1", audio), func(d *Description) bool { return d.Media[0].RTP().String() == "[2001:db8::1]:4000" }},
		"IP4 before IPv6":     {body("v=0", "c=IN IP4 2001:db8::1", audio), func(d *Description) bool { return d.Media[0].Addr.Is6() }},
		"host name":           {body("v=0", "c=IN IP4 media.example.com", audio), func(d *Description) bool { return !d.Media[0].RTP().IsValid() }},
		"TTL":                 {body("v=0", "c=IN IP4 224.2.1.1/127", audio), func(d *Description) bool { return d.Media[0].Addr.String() == "224.2.1.1" }},
		"session direction":   {body("v=0", "c=IN IP4 1.2.3.4", "a=sendonly", audio), func(d *Description) bool { return d.Media[0].Direction == SendOnly }},
		"own direction wins":  {body("v=0", "c=IN IP4 1.2.3.4", "a=sendonly", audio, "a=inactive"), func(d *Description) bool { return d.Media[0].Direction == Inactive }},
		"hold by address":     {body("v=0", "c=IN IP4 0.0.0.0", audio), func(d *Description) bool { return d.Media[0].Direction == SendOnly && d.Held() }},
		"hold by recvonly 0":  {body("v=0", "c=IN IP4 0.0.0.0", audio, "a=recvonly"), func(d *Description) bool { return d.Media[0].Direction == Inactive }},
		"hold by sendonly":    {body("v=0", "c=IN IP4 1.2.3.4", audio, "a=sendonly"), func(d *Description) bool { return d.Held() }},
		"huge origin":         {body("v=0", "o=- 99999999999999999999999 1 IN IP4 1.2.3.4", "c=IN IP4 1.2.3.4", audio), func(d *Description) bool { return d.Origin.ID == 0 && d.Origin.Version == 1 }},
		"ports with count":    {body("v=0", "c=IN IP4 1.2.3.4", "m=audio 4000/1 RTP/AVP 0"), func(d *Description) bool { return d.Media[0].Port == 4000 }},
		"space in rtpmap": {body("v=0", "c=IN IP4 1.2.3.4", "m=audio 4000 RTP/AVP 97", "a=rtpmap:97  iLBC/8000 "), func(d *Description) bool {
			return d.Media[0].Formats[0].Is("ilbc") && d.Media[0].Formats[0].Rate == 8000
		}},
		"two clocks of events": {body("v=0", "c=IN IP4 1.2.3.4", "m=audio 4000 RTP/AVP 96 97 98", "a=rtpmap:96 opus/48000/2", "a=rtpmap:97 telephone-event/8000", "a=rtpmap:98 telephone-event/48000"), func(d *Description) bool { return d.Media[0].EventPT == 98 }},
		"any order": {body("v=0", "a=sendonly", "t=0 0", "c=IN IP4 1.2.3.4", "s=-", "b=AS:64", "o=- 7 8 IN IP4 1.2.3.4", audio, "a=ptime:30", "c=IN IP4 5.6.7.8", "i=title", "b=AS:32"), func(d *Description) bool {
			return d.Origin.ID == 7 && d.Media[0].Direction == SendOnly && d.Media[0].Addr.String() == "5.6.7.8" && d.Media[0].PTimeMS == 30
		}},
		"unknown lines":     {body("v=0", "x=1", "c=IN IP4 1.2.3.4", "u=http://%zz", "z=soon", "r=x", "t=now", audio, "s=late", "y=2"), func(d *Description) bool { return len(d.Media) == 1 }},
		"unknown bandwidth": {body("v=0", "c=IN IP4 1.2.3.4", "b=ZZ:1", "b=AS", "b=AS:x", "b=AS:1:2", audio, "b=what"), func(d *Description) bool { return len(d.Media) == 1 }},
		"second c=":         {body("v=0", "c=IN IP4 1.2.3.4", "b=AS:64", "c=IN IP4 5.6.7.8", audio), func(d *Description) bool { return d.Media[0].Addr.String() == "5.6.7.8" }},
		"spaces": {[]byte("\ufeffv= 0 \r\no=  anna\t1   2 IN  IP4 1.2.3.4\r\r\nc= IN  IP4 1.2.3.4\x00\r\nm=  audio  4000   RTP/AVP  0  8 \t\r\na= rtpmap : 0  PCMU / 8000\r\n"), func(d *Description) bool {
			return d.Origin.Version == 2 && d.Media[0].RTP().String() == "1.2.3.4:4000" && len(d.Media[0].Formats) == 2
		}},
		"case":                {body("v=0", "o=- 1 2 in ip4 1.2.3.4", "c=in ip4 1.2.3.4", "m=Audio 4000 rtp/avp 0", "a=SendOnly", "a=PTime:30"), func(d *Description) bool { return d.Audio() == 0 && d.Held() && d.Media[0].PTimeMS == 30 }},
		"no number in origin": {body("v=0", "o=- now then IN IP4 1.2.3.4", "c=IN IP4 1.2.3.4", audio), func(d *Description) bool { return d.Origin.ID == 0 && d.Origin.Version == 0 && d.Origin.Addr.IsValid() }},
		"no media": {body("v=0"), func(d *Description) bool {
			return len(d.Media) == 0 && d.Origin == Origin{} && d.Servable() == ErrNoAudio
		}},
		"unknown protocol": {body("v=0", "c=IN IP4 1.2.3.4", "m=audio 4000 rtp/xyz 0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=application 9 UDP x"), func(d *Description) bool {
			return d.Media[0].Proto == "RTP/XYZ" && d.Media[1].Proto == "UDP/DTLS/SCTP" && d.Media[2].Proto == "UDP" && d.Media[2].Kind == "application"
		}},
		"rejected without c=": {body("v=0", "m=audio 0 RTP/AVP 0"), func(d *Description) bool { return !d.Media[0].Active() }},
		"image":               {body("v=0", "c=IN IP4 1.2.3.4", "m=image 5000 udptl t38"), func(d *Description) bool { return d.Media[0].Kind == "image" && d.Audio() == -1 }},
		"RTCP elsewhere":      {body("v=0", "c=IN IP4 1.2.3.4", audio, "a=rtcp:53020 IN IP4 5.6.7.8"), func(d *Description) bool { return d.Media[0].RTCP.String() == "5.6.7.8:53020" }},
		"crypto": {body("v=0", "c=IN IP4 1.2.3.4", "m=audio 4000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^20"), func(d *Description) bool {
			c := d.Media[0].Crypto
			return len(c) == 1 && c[0].Tag == 1 && c[0].Suite == "AES_CM_128_HMAC_SHA1_80" && d.Servable() == ErrSecureOnly
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := parse(t, c.body); !c.want(d) {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestParseNamesTheLine(t *testing.T) {
	for name, c := range map[string]struct {
		line  int
		lines []string
	}{
		"no version":        {1, []string{"o=- 1 1 IN IP4 1.2.3.4"}},
		"wrong version":     {1, []string{"v=1"}},
		"no equals sign":    {2, []string{"v=0", "hello"}},
		"short origin":      {2, []string{"v=0", "o=- 1 1 IN"}},
		"second version":    {4, []string{"v=0", "m=audio 0 RTP/AVP 0", "a=x", "v=0"}},
		"late origin":       {3, []string{"v=0", "m=audio 0 RTP/AVP 0", "o=- 1 1 IN IP4 1.2.3.4"}},
		"sorted before it":  {4, []string{"v=0", "a=x", "b=AS:1", "c=IN IP4 1.2.3.x:"}},
		"long connection":   {2, []string{"v=0", "c=IN IP4 1.2.3.4 5"}},
		"second origin":     {3, []string{"v=0", "o=- 1 1 IN IP4 1.2.3.4", "o=- 1 1 IN IP4 1.2.3.4"}},
		"bad address":       {2, []string{"v=0", "c=IN IP4 999.1.1.1"}},
		"bad IPv6":          {2, []string{"v=0", "c=IN IP6 2001:::1"}},
		"no network":        {2, []string{"v=0", "c=ATM NSAP 1"}},
		"port too big":      {2, []string{"v=0", "m=audio 70000 RTP/AVP 0"}},
		"port negative":     {2, []string{"v=0", "m=audio -1 RTP/AVP 0"}},
		"payload type 300":  {2, []string{"v=0", "m=audio 4000 RTP/AVP 300"}},
		"payload type word": {2, []string{"v=0", "m=audio 4000 RTP/AVP pcmu"}},
		"no formats":        {2, []string{"v=0", "m=audio 4000 RTP/AVP"}},
		"no protocol":       {2, []string{"v=0", "m=audio"}},
		"no address":        {2, []string{"v=0", "m=audio 4000 RTP/AVP 0"}},
		"empty rtpmap":      {3, []string{"v=0", "m=audio 4000 RTP/AVP 0", "a=rtpmap:0"}},
		"bad rtcp":          {3, []string{"v=0", "m=audio 4000 RTP/AVP 0", "a=rtcp:x"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(body(c.lines...))
			var s *SyntaxError
			if !errors.As(err, &s) || s.Line != c.line {
				t.Errorf("error %v, want one at line %d", err, c.line)
			}
		})
	}
	if _, err := Parse(nil); err == nil {
		t.Error("an empty body is no description")
	}
	if _, err := Parse([]byte("v=0\r\n" + strings.Repeat("a=x\r\n", 20000))); err == nil {
		t.Error("a body of 100 kB was read")
	}
	if _, err := Parse([]byte("v=0\r\n" + strings.Repeat("a=x\r\n", 3000))); err == nil {
		t.Error("3000 lines were read")
	}
	if _, err := Parse([]byte("v=0\r\nc=IN IP4 1.2.3.4\r\n" + strings.Repeat("m=audio 4000 RTP/AVP 0\r\n", 33))); err == nil {
		t.Error("33 m= lines were read")
	}
}

func TestRelayShowsOurs(t *testing.T) {
	got := string(parse(t, desk).Relay(ours, []int{20000}, RelayOptions{}))
	want := string(body("v=0", "o=- 77 3 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "b=AS:84", "t=0 0",
		"m=audio 20000 RTP/AVP 9 0 8 18 111 101", "b=TIAS:64000",
		"a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:18 G729/8000", "a=fmtp:18 annexb=no",
		"a=rtpmap:111 opus/48000/2", "a=fmtp:111 useinbandfec=1", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15",
		"a=ptime:20", "a=maxptime:150", "a=x-vendor:kept", "a=sendrecv"))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRelayOptions(t *testing.T) {
	d := parse(t, desk)
	m := parse(t, d.Relay(ours, []int{20000}, RelayOptions{Codecs: []string{"pcma", "OPUS"}, Mux: true})).Media[0]
	var names []string
	for _, f := range m.Formats {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, []string{"PCMA", "opus", "telephone-event"}) || !m.RTCPMux || m.Direction != SendRecv {
		t.Errorf("%v %+v", names, m)
	}
	m = parse(t, d.Relay(ours, []int{20000}, RelayOptions{Codecs: []string{"AMR"}})).Media[0]
	if m.Active() || d.Allows([]string{"AMR"}) || !d.Allows([]string{"g729"}) || !d.Allows(nil) {
		t.Error("a filter that leaves no voice must reject the line")
	}
	six := ours
	six.Addr = netip.MustParseAddr("2001:db8::9")
	if m := parse(t, d.Relay(six, []int{20000}, RelayOptions{})).Media[0]; m.Addr != six.Addr {
		t.Errorf("address %v", m.Addr)
	}
	held := parse(t, body("v=0", "c=IN IP4 0.0.0.0", "m=audio 4000 RTP/AVP 0"))
	if m := parse(t, held.Relay(ours, []int{20000}, RelayOptions{})).Media[0]; m.Direction != SendOnly || m.Addr != ours.Addr {
		t.Errorf("hold by address is shown as %v at %v", m.Direction, m.Addr)
	}
}

// A browser offers all at once; none of its transport may reach the other leg.
var browser = body("v=0", "o=mozilla 1 0 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0 1", "a=ice-options:trickle", "a=fingerprint:sha-256 AA:BB", "a=msid-semantic:WMS *",
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "c=IN IP4 0.0.0.0", "a=rtpmap:111 opus/48000/2", "a=ice-ufrag:x", "a=ice-pwd:y", "a=setup:actpass", "a=mid:0", "a=ssrc:1 cname:z", "a=rtcp-mux",
	"a=candidate:1 1 UDP 2122 10.0.0.1 50000 typ host",
	"m=video 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", "a=rtpmap:96 VP8/90000", "a=mid:1")

func TestRelayHidesTransport(t *testing.T) {
	d := parse(t, browser)
	if !d.Media[0].ICE || !d.Media[1].DTLS || d.Servable() != ErrSecureOnly {
		t.Errorf("%+v %v", d.Media, d.Servable())
	}
	plain := parse(t, []byte(strings.ReplaceAll(string(browser), "UDP/TLS/RTP/SAVPF", "RTP/AVPF")))
	out := string(plain.Relay(ours, []int{20000, 20010}, RelayOptions{}))
	for _, word := range []string{"ice", "candidate", "fingerprint", "setup", "BUNDLE", "msid", "ssrc", "mid:", "mux", "mozilla", "10.0.0.1", "0.0.0.0"} {
		if strings.Contains(out, word) {
			t.Errorf("%q is shown to the other leg:\n%s", word, out)
		}
	}
	if again := parse(t, []byte(out)); again.Media[0].Port != 20000 || again.Media[1].Port != 20010 {
		t.Errorf("ports %+v", again.Media)
	}
}

func TestRelayManyLines(t *testing.T) {
	d := parse(t, body("v=0", "c=IN IP4 1.2.3.4", "m=audio 4000 RTP/SAVP 0", "m=audio 4002 RTP/AVP 0", "m=video 0 RTP/AVP 96", "m=image 4004 udptl t38", "m=audio 4006 RTP/AVP 8"))
	if d.Audio() != 1 || d.Servable() != nil {
		t.Fatal(d.Audio(), d.Servable())
	}
	out := parse(t, d.Relay(ours, []int{20000, 20002, 20004, 0}, RelayOptions{}))
	var ports []int
	for _, m := range out.Media {
		ports = append(ports, m.Port)
	}
	if !slices.Equal(ports, []int{0, 20002, 0, 0, 0}) {
		t.Errorf("ports %v: SRTP, what was off, what got 0 and what got nothing are rejected", ports)
	}
	if err := CheckAnswer(d, out); err != nil {
		t.Error(err)
	}
}

func TestAnswer(t *testing.T) {
	d := parse(t, desk)
	b, chosen, err := Answer(d, ours, []int{20000}, []string{"PCMU", "PCMA"}, SendRecv)
	if err != nil {
		t.Fatal(err)
	}
	a := parse(t, b)
	m := a.Media[0]
	if err := CheckAnswer(d, a); err != nil {
		t.Error(err)
	}
	if len(m.Formats) != 3 || m.Formats[0].PT != 0 || m.Formats[1].PT != 8 || m.EventPT != 101 || m.Port != 20000 || !m.RTCPMux || m.Direction != SendRecv {
		t.Errorf("%s", b)
	}
	c := chosen.Media[0]
	if len(c.Formats) != 3 || c.RTP().String() != "10.1.2.3:11784" || c.EventPT != 101 {
		t.Errorf("chosen %+v", c)
	}
	if _, _, err := Answer(d, ours, []int{20000}, []string{"AMR"}, SendRecv); !errors.Is(err, ErrNoCommonCodec) {
		t.Error(err)
	}
	if _, _, err := Answer(parse(t, browser), ours, []int{1, 2}, []string{"PCMU"}, SendRecv); !errors.Is(err, ErrSecureOnly) {
		t.Error(err)
	}
	for offered, want := range map[string]Direction{"sendonly": RecvOnly, "recvonly": SendOnly, "inactive": Inactive, "sendrecv": SendRecv} {
		d := parse(t, []byte(strings.Replace(string(desk), "a=sendrecv", "a="+offered, 1)))
		b, _, err := Answer(d, ours, []int{20000}, []string{"PCMU"}, SendRecv)
		if err != nil {
			t.Fatal(err)
		}
		if m := parse(t, b).Media[0]; m.Direction != want {
			t.Errorf("%s is answered by %v", offered, m.Direction)
		}
	}
}

func TestOffer(t *testing.T) {
	d := parse(t, Offer(ours, 20000, DefaultFormats(), SendRecv))
	if m := d.Media[0]; !slices.Equal(m.Formats, DefaultFormats()) || m.EventPT != 101 || m.PTimeMS != 20 || m.RTP().String() != "192.0.2.9:20000" {
		t.Errorf("%+v", m)
	}
	if d.Origin != ours {
		t.Errorf("%+v", d.Origin)
	}
}

func TestCheckAnswer(t *testing.T) {
	two := body("v=0", "c=IN IP4 1.2.3.4", "m=audio 4000 RTP/AVP 0 8", "m=video 0 RTP/AVP 96")
	for name, c := range map[string]struct {
		answer []byte
		ok     bool
	}{
		"good":             {body("v=0", "c=IN IP4 5.6.7.8", "m=audio 5000 RTP/AVP 8", "m=video 0 RTP/AVP 96"), true},
		"rejected":         {body("v=0", "c=IN IP4 5.6.7.8", "m=audio 0 RTP/AVP 8", "m=video 0 RTP/AVP 96"), true},
		"too few":          {body("v=0", "c=IN IP4 5.6.7.8", "m=audio 5000 RTP/AVP 8"), false},
		"too many":         {body("v=0", "c=IN IP4 5.6.7.8", "m=audio 5000 RTP/AVP 8", "m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 0"), false},
		"swapped":          {body("v=0", "c=IN IP4 5.6.7.8", "m=video 0 RTP/AVP 96", "m=audio 5000 RTP/AVP 8"), false},
		"revived":          {body("v=0", "c=IN IP4 5.6.7.8", "m=audio 5000 RTP/AVP 8", "m=video 6000 RTP/AVP 96"), false},
		"another protocol": {body("v=0", "c=IN IP4 5.6.7.8", "m=audio 5000 RTP/SAVP 8", "m=video 0 RTP/AVP 96"), false},
		"no codec":         {body("v=0", "c=IN IP4 5.6.7.8", "m=audio 5000 RTP/AVP 18", "m=video 0 RTP/AVP 96"), false},
	} {
		if err := CheckAnswer(parse(t, two), parse(t, c.answer)); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnchanged(t *testing.T) {
	at := func(o string) *Description {
		return parse(t, body("v=0", "o="+o+" IN IP4 1.2.3.4", "c=IN IP4 1.2.3.4", "m=audio 4000 RTP/AVP 0"))
	}
	old := at("- 5 7")
	if at("- x 7").Unchanged(at("- y 7")) || !at("- x 7").Unchanged(at("- x 7")) {
		t.Error("sessions whose ID is no number")
	}
	if !at("- 5 7").Unchanged(old) || at("- 5 8").Unchanged(old) || old.Unchanged(nil) {
		t.Error("Unchanged")
	}
}

func TestDirection(t *testing.T) {
	for d := SendRecv; d <= Inactive; d++ {
		if d.Reverse().Reverse() != d || d.And(SendRecv) != d || d.And(Inactive) != Inactive || d.Held().Receives() {
			t.Error(d)
		}
	}
}

// Whatever is read can be shown, read again and answered; what is shown names
// only us.
func FuzzParse(f *testing.F) {
	f.Add(desk)
	f.Add(browser)
	f.Add(body("v=0", "c=IN IP6 ::", "a=inactive", "m=audio 1 RTP/AVP 0 0 13", "m=image 2 udptl t38", "m=message 3 TCP/MSRP *"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		ports := make([]int, len(d.Media))
		for i := range ports {
			ports[i] = 20000 + 2*i
		}
		shown := d.Relay(ours, ports, RelayOptions{})
		again, err := Parse(shown)
		if err != nil {
			t.Fatalf("%v\n%q", err, shown)
		}
		if len(again.Media) != len(d.Media) || again.Origin != ours {
			t.Fatalf("%q", shown)
		}
		for i, m := range again.Media {
			if m.Active() && (m.RTP() != netip.AddrPortFrom(ours.Addr, uint16(ports[i])) || m.ICE || m.DTLS || len(m.Crypto) > 0 || m.RTCP.IsValid()) {
				t.Fatalf("%q", shown)
			}
		}
		if second := again.Relay(ours, ports, RelayOptions{}); d.Audio() >= 0 && string(second) != string(shown) {
			t.Fatalf("shown twice:\n%q\n%q", shown, second)
		}
		if answer, _, err := Answer(d, ours, ports, []string{"PCMU", "PCMA"}, SendRecv); err == nil {
			a, err := Parse(answer)
			if err == nil {
				err = CheckAnswer(d, a)
			}
			if err != nil {
				t.Fatalf("%v\n%q\n%q", err, b, answer)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(desk); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRelay(b *testing.B) {
	d := parse(b, desk)
	b.ReportAllocs()
	for b.Loop() {
		d.Relay(ours, []int{20000}, RelayOptions{})
	}
}

// An INVITE's way through: the offer is read, shown to the other leg, and its
// answer read and shown.
func BenchmarkParseAndRelay(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(desk)
		if err != nil {
			b.Fatal(err)
		}
		d.Relay(ours, []int{20000}, RelayOptions{})
	}
}
