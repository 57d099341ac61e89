package registrar

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeepAlive(t *testing.T) {
	inBubble(t, Options{KeepAlive: 10 * time.Second}, func(t *testing.T, x *exchange) {
		behind := x.phone("101", "198.51.100.7:1024")
		behind.via, behind.contact, behind.expires = "192.168.1.10:5060", "<sip:101@192.168.1.10:5060>", "60"
		behind.registers()
		x.phone("102", "198.51.100.8:5060").registers()
		listen, err := x.net.Listen(behind.flow.Remote())
		if err != nil {
			t.Fatal(err)
		}
		defer listen.Close()
		var mu sync.Mutex
		var got []string
		heard := func() []string {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(got)
		}
		go func() {
			buf := make([]byte, 2048)
			for {
				n, _, err := listen.ReadFromUDPAddrPort(buf)
				if err != nil {
					return
				}
				mu.Lock()
				got = append(got, string(buf[:n]))
				mu.Unlock()
			}
		}()
		time.Sleep(30*time.Second + 30*time.Millisecond)
		first := heard()
		if len(first) != 3 {
			t.Fatalf("%d keepalives in 30 s: %q", len(first), first)
		}
		if !strings.HasPrefix(first[0], "OPTIONS sip:101@192.168.1.10:5060 SIP/2.0\r\n") || first[0] == first[1] {
			t.Errorf("keepalive\n%s", first[0])
		}
		if _, fault := parseBytes(first[0]); fault != nil {
			t.Errorf("%v in\n%s", fault, first[0])
		}
		_, branch, _ := strings.Cut(first[0], "branch=")
		if !IsKeepAlive([]byte(branch)) || IsKeepAlive([]byte("z9hG4bKabc")) {
			t.Error("the answer would not be known again")
		}
		time.Sleep(60 * time.Second)
		n := len(heard())
		time.Sleep(60 * time.Second)
		if len(heard()) != n {
			t.Error("an expired phone is kept awake")
		}
	})
}

func TestSync(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		one, two := x.phone("101", "198.51.100.7:5060"), x.phone("102", "198.51.100.8:5060")
		one.registers()
		two.registers()
		app := x.phone("app-line-9", "198.51.100.9:5060")
		app.username = "dev-7"
		app.registers()
		if c := x.reg.Contacts("default", "app-line-9"); len(c) != 1 || c[0].DeviceID != "device-7" {
			t.Fatalf("app contacts %+v", c)
		}
		x.reg.Sync()
		if n := len(x.reg.Registrations("default")); n != 3 {
			t.Fatalf("%d bindings, nothing changed", n)
		}
		x.people.remove("dev-7")
		x.people.change("102", func(a *Account) { a.HA1SHA256 = digest0("another"); a.UserID = "user-2" })
		x.people.change("101", func(a *Account) { a.UserID = "user-9" })
		x.reg.Sync()
		synctest.Wait()
		rows := x.reg.Registrations("default")
		if len(rows) != 1 || rows[0].AOR != "101" || rows[0].UserID != "user-9" || len(x.disk.all()) != 1 {
			t.Errorf("left: %+v", rows)
		}
		x.people.change("101", func(a *Account) { a.AOR = "110" })
		x.reg.Sync()
		if len(x.reg.Registrations("default")) != 0 {
			t.Error("a renamed line keeps its binding")
		}
	})
}
