package deliver

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/net/webdav"

	"strowger/store"
)

const loopback = `"organizations": [{"id": "default", "private_destinations": ["127.0.0.0/8", "::1/128"]}]`

// newNetOffice may deliver to this machine, by one method called m.
func newNetOffice(t *testing.T, kind string, settings map[string]string) *office {
	t.Helper()
	text, _ := json.Marshal(settings)
	return newOffice(t, fmt.Sprintf(`{%s, "delivery_methods": [{"id": "m", "kind": %q, "settings": %s}]}`, loopback, kind, text))
}

// once makes one attempt, without the engine's patience.
func (o *office) once(id string) (where string, err error) {
	o.t.Helper()
	ctx := o.t.(*testing.T).Context()
	jobs, err := o.st.Jobs(ctx, "default", "", 100)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, j := range jobs {
		if j.What == id {
			sent, err := o.e.attempt(ctx, j)
			return sent.where, err
		}
	}
	o.t.Fatalf("no job for %s", id)
	return "", nil
}

// quiet is an office whose engine does not send by itself.
func (o *office) quiet() *office {
	o.e.Close()
	return o
}

func wantError(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(plain(err), words) {
		t.Errorf("%v, want %q", err, words)
	}
}

const name = "2026/11/22/093000_+12025550142_101_rec.wav"

func TestWebDAV(t *testing.T) {
	dir := t.TempDir()
	dav := &webdav.Handler{FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS(), Prefix: "/dav"}
	var cut atomic.Bool // the next upload breaks off
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "anna" || password != "secret" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodPut && cut.Swap(false) {
			io.CopyN(io.Discard, r.Body, 1000)
			panic(http.ErrAbortHandler)
		}
		dav.ServeHTTP(w, r)
	}))
	defer server.Close()
	o := newNetOffice(t, "webdav", map[string]string{"url": server.URL + "/dav", "username": "anna", "password": "secret"}).quiet()
	o.capture("rec", sound, "m")
	cut.Store(true)
	if _, err := o.once("rec"); err == nil {
		t.Error("half an upload is done")
	}
	for range 2 { // the second takes the place of the first
		where, err := o.once("rec")
		if err != nil || where != server.URL+"/dav/"+name {
			t.Fatalf("%s, %v", where, err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, sound) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	o.settings(map[string]string{"password": "wrong"})
	_, err := o.once("rec")
	wantError(t, err, "401 Unauthorized: who are you")
	server.Close()
	_, err = o.once("rec")
	wantError(t, err, "connection refused")
}

// settings lays settings over those of the method m.
func (o *office) settings(s map[string]string) {
	o.t.Helper()
	_, err := o.st.Update(o.t.(*testing.T).Context(), "default", store.Author{Who: "test"}, func(e *store.Edit) error {
		m, _ := e.DeliveryMethods.Get("m")
		changed := *m
		changed.Settings = map[string]string{}
		for k, v := range m.Settings {
			changed.Settings[k] = v
		}
		for k, v := range s {
			changed.Settings[k] = v
		}
		return e.DeliveryMethods.Put(changed)
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func TestS3(t *testing.T) {
	objects := map[string][]byte{}
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		auth := r.Header.Get("Authorization")
		if !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=AKIA/") || !strings.Contains(auth, "Signature=") {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `<Error><Code>InvalidAccessKeyId</Code><Message>the key is not known</Message></Error>`)
			return
		}
		if r.Method != http.MethodPut {
			http.Error(w, "", http.StatusMethodNotAllowed)
			return
		}
		body := r.Body
		var got []byte
		if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
			got = unchunk(t, body)
		} else {
			got, _ = io.ReadAll(body)
		}
		if r.Header.Get("X-Amz-Meta-Sha256") != hash(got) {
			t.Error("the object has another hash")
		}
		objects[r.URL.Path] = got
		w.Header().Set("ETag", `"e"`)
	}))
	defer server.Close()
	o := newNetOffice(t, "s3", map[string]string{"endpoint": server.URL, "bucket": "calls", "prefix": "a/b", "region": "eu-central-1", "path_style": "true",
		"access_key_id": "AKIA", "secret_access_key": "s"}).quiet()
	o.capture("rec", sound, "m")
	for range 2 {
		where, err := o.once("rec")
		if err != nil || where != "s3://calls/a/b/"+name {
			t.Fatalf("%s, %v", where, err)
		}
	}
	mu.Lock()
	if len(objects) != 1 || !bytes.Equal(objects["/calls/a/b/"+name], sound) {
		t.Errorf("%d objects", len(objects))
	}
	mu.Unlock()
	o.settings(map[string]string{"access_key_id": "other"})
	_, err := o.once("rec")
	wantError(t, err, "the key is not known")
}

// unchunk takes apart aws-chunked: size in hex, extensions, data, and trailers.
func unchunk(t *testing.T, r io.Reader) (out []byte) {
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	for {
		line, rest, _ := bytes.Cut(raw, []byte("\r\n"))
		var size int
		if _, err := fmt.Sscanf(string(line), "%x;", &size); err != nil || size == 0 || len(rest) < size {
			return out
		}
		out = append(out, rest[:size]...)
		raw = rest[size+2:]
	}
}

func TestWebhook(t *testing.T) {
	var got struct {
		sync.Mutex
		header http.Header
		body   []byte
		status int
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.Lock()
		defer got.Unlock()
		got.header = r.Header
		got.body, _ = io.ReadAll(r.Body)
		if got.status == http.StatusFound {
			w.Header().Set("Location", "http://169.254.169.254/")
		}
		w.WriteHeader(max(got.status, 200))
	}))
	defer server.Close()
	key := []byte("0123456789abcdef0123456789abcdef")
	o := newNetOffice(t, "webhook", map[string]string{"url": server.URL + "/in?x=1", "base_url": "https://pbx.example.com", "header.X-Shop": "7",
		"secret": "whsec_" + base64.StdEncoding.EncodeToString(key)}).quiet()
	o.capture("rec", sound, "m")
	verify := func() (e event) {
		t.Helper()
		got.Lock()
		defer got.Unlock()
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", got.header.Get("webhook-id"), got.header.Get("webhook-timestamp"), got.body)
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.header.Get("webhook-signature") != want {
			t.Errorf("signature %s, want %s", got.header.Get("webhook-signature"), want)
		}
		if err := json.Unmarshal(got.body, &e); err != nil {
			t.Errorf("%v", err)
		}
		return e
	}
	where, err := o.once("rec")
	if err != nil || where != server.URL+"/in" {
		t.Fatalf("%s %v", where, err)
	}
	e := verify()
	if e.Type != "recording.captured" || e.Data.AudioURL != "https://pbx.example.com/api/v1/recordings/rec/audio" || e.Data.From != "+12025550142" || e.Data.SHA256 != hash(sound) {
		t.Errorf("%+v", e)
	}
	id := got.header.Get("webhook-id")
	if got.header.Get("X-Shop") != "7" {
		t.Error("the configured header is missing")
	}
	for _, audio := range [][]byte{sound, sound[:1], sound[:3073], nil} {
		if err := os.WriteFile(filepath.Join(o.dir, "recordings/rec.wav"), audio, 0o600); err != nil {
			t.Fatal(err)
		}
		r := o.recording("rec")
		r.SHA256 = hash(audio)
		if err := o.st.PutRecording(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		o.settings(map[string]string{"content": "audio"})
		if _, err := o.once("rec"); err != nil {
			t.Fatal(err)
		}
		e = verify()
		if heard, err := base64.StdEncoding.DecodeString(e.Data.Audio); err != nil || !bytes.Equal(heard, audio) {
			t.Errorf("%d bytes of %d, %v", len(heard), len(audio), err)
		}
	}
	if got.header.Get("webhook-id") != id {
		t.Error("another attempt has another id")
	}
	for status, words := range map[int]string{500: "500 Internal Server Error", http.StatusFound: "302 Found"} {
		got.Lock()
		got.status = status
		got.Unlock()
		_, err := o.once("rec")
		wantError(t, err, words)
	}
}

// Nothing inside is reached unless an operator allows it, whatever leads there.
func TestNoPrivateAddressUnlessAllowed(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		o := newOffice(t, fmt.Sprintf(`{"delivery_methods": [{"id": "m", "kind": "webhook", "settings": {"url": "http://%s:%s", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}}]}`, host, port)).quiet()
		o.capture("rec", sound, "m")
		_, err := o.once("rec")
		wantError(t, err, "no public address: an operator may allow it")
	}
	if asked.Load() > 0 {
		t.Error("the server was reached")
	}
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "10.0.0.1": false, "172.16.3.4": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "fd00::1": false, "fe80::1": false,
		"64:ff9b::a00:1": false, "2002:a00:1::": false, "::1": false,
	} {
		if public(netip.MustParseAddr(address)) != want {
			t.Errorf("%s: public is %v", address, !want)
		}
	}
}

// A server that takes connections and says nothing holds nobody else up.
func TestDeadServerHoldsNobodyUp(t *testing.T) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer dead.Close()
	arrived := make(chan bool, 100)
	live := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- true }))
	defer live.Close()
	o := newOffice(t, fmt.Sprintf(`{%s, "delivery_methods": [
		{"id": "dead", "kind": "webhook", "settings": {"url": "http://%s", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}},
		{"id": "live", "kind": "webhook", "settings": {"url": %q, "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}}]}`, loopback, dead.Addr(), live.URL))
	for i := range 30 {
		o.capture(fmt.Sprintf("rec%d", i), sound, "dead", "live")
	}
	for range 30 { // while those to the dead one wait
		<-arrived
	}
	o.e.Close() // does not wait for the dead server either
	for _, j := range o.jobs() {
		if j.DeliveryMethodID == "dead" && (j.State != store.JobQueued || j.Attempts != 0) {
			t.Errorf("an attempt that was given up counts: %+v", j)
		}
	}
}

// sshServer is pkg/sftp's server in memory.
type sshServer struct {
	listener net.Listener
	files    sftp.Handlers

	mu  sync.Mutex
	key ssh.Signer
}

func (s *sshServer) change(key ssh.Signer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = key
}

func newSSHServer(t *testing.T, user ssh.PublicKey) *sshServer {
	t.Helper()
	s := &sshServer{files: sftp.InMemHandler(), key: newKey(t)}
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.listener.Close() })
	go func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			config := &ssh.ServerConfig{
				PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
					if string(password) != "secret" {
						return nil, fmt.Errorf("no")
					}
					return nil, nil
				},
				PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
					if user == nil || !bytes.Equal(key.Marshal(), user.Marshal()) {
						return nil, fmt.Errorf("no")
					}
					return nil, nil
				},
			}
			s.mu.Lock()
			config.AddHostKey(s.key)
			s.mu.Unlock()
			go s.serve(conn, config)
		}
	}()
	return s
}

func (s *sshServer) serve(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				r.Reply(r.Type == "subsystem", nil)
			}
		}()
		go sftp.NewRequestServer(channel, s.files).Serve()
	}
}

func newKey(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestSFTP(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := ssh.NewSignerFromKey(private)
	s := newSSHServer(t, signer.PublicKey())
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	o := newNetOffice(t, "sftp", map[string]string{"host": host, "port": port, "username": "anna", "password": "secret", "path": "/calls"}).quiet()
	o.capture("rec", sound, "m")
	for range 2 {
		where, err := o.once("rec")
		if err != nil || where != "sftp://"+s.listener.Addr().String()+"/calls/"+name {
			t.Fatalf("%s, %v", where, err)
		}
	}
	open := func(path string) (io.ReaderAt, error) {
		r := sftp.NewRequest("Get", path)
		r.Flags = 1 // SSH_FXF_READ
		return s.files.FileGet.Fileread(r)
	}
	r, err := open("/calls/" + name)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sound)+1)
	if n, _ := r.ReadAt(got, 0); !bytes.Equal(got[:n], sound) {
		t.Errorf("%d bytes", n)
	}
	if _, err := open("/calls/" + name + ".part"); err == nil {
		t.Error("the part is left")
	}

	o.settings(map[string]string{"password": "wrong"})
	_, err = o.once("rec")
	wantError(t, err, "unable to authenticate")
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("phrase"))
	if err != nil {
		t.Fatal(err)
	}
	o.settings(map[string]string{"password": "", "private_key": string(pemText(block)), "passphrase": "phrase"})
	if _, err = o.once("rec"); err != nil {
		t.Errorf("with a key: %v", err)
	}
	o.settings(map[string]string{"passphrase": "wrong"})
	_, err = o.once("rec")
	wantError(t, err, "settings.private_key cannot be read")
	o.settings(map[string]string{"passphrase": "phrase"})

	// The first key that was met is the one from then on, unless one is pinned.
	s.change(newKey(t))
	shown := ssh.FingerprintSHA256(s.key.PublicKey())
	_, err = o.once("rec")
	wantError(t, err, "host key has changed to "+shown)
	o.settings(map[string]string{"host_key": shown})
	if _, err = o.once("rec"); err != nil {
		t.Errorf("with the new key pinned: %v", err)
	}
	o.settings(map[string]string{"host_key": string(ssh.MarshalAuthorizedKey(s.key.PublicKey()))})
	if _, err = o.once("rec"); err != nil {
		t.Errorf("with the whole key pinned: %v", err)
	}
	o.settings(map[string]string{"host_key": "SHA256:other"})
	_, err = o.once("rec")
	wantError(t, err, "not the one in settings.host_key")
}

func pemText(block *pem.Block) []byte { return pem.EncodeToMemory(block) }

func TestTryMethod(t *testing.T) {
	o := newOffice(t, `{"delivery_methods": [{"id": "d", "kind": "disk", "settings": {"path": "a"}},
		{"id": "w", "kind": "webhook", "settings": {"url": "http://127.0.0.1:1", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}}]}`)
	for range 2 {
		where, err := o.e.TryMethod(t.Context(), "default", "d")
		if err != nil || where != "deliveries/default/a/strowger-test.wav" {
			t.Errorf("%s, %v", where, err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(o.dir, "deliveries/default/a/strowger-test.wav")); err != nil || len(got) != 16044 || string(got[:4]) != "RIFF" {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if left := o.files("spool"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	_, err := o.e.TryMethod(t.Context(), "default", "w")
	wantError(t, err, "127.0.0.1 is no public address")
}
