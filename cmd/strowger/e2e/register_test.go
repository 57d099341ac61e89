package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// registration is what the API says of a binding.
type registration struct {
	UserID          string    `json:"user_id"`
	ContactMethodID string    `json:"contact_method_id"`
	Contact         string    `json:"contact"`
	Source          string    `json:"source"`
	Transport       string    `json:"transport"`
	UserAgent       string    `json:"user_agent"`
	ExpiresAt       time.Time `json:"expires_at"`
}

func (x *exchange) registrationsOf(a account) []registration {
	x.t.Helper()
	var some []registration
	for _, r := range list[registration](x, "/registrations?limit=1000") {
		if r.ContactMethodID == a.LineID {
			some = append(some, r)
		}
	}
	return some
}

func TestRegister(t *testing.T) {
	t.Parallel()
	s := newSite()
	for ext := 101; ext <= 109; ext++ {
		s.phone(fmt.Sprint(ext))
	}
	x := newExchange(t, s)
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			x := x.as(t)
			a := accountOf(map[string]string{"udp": "101", "tcp": "102"}[transport])
			port := freePort(t, "127.0.0.1")
			run := sipp(t, "register", part{account: a, Remote: x.sip(), Port: port, Transport: transport, Expires: 600, Want: 200}).wait()
			run.one("200").wantHeader(t, "Contact", fmt.Sprintf(`:%d.*expires=(600|59\d)`, port))
			if transport == "tcp" {
				return // its connection, and so the binding's flow, is gone with sipp
			}
			got := x.registrationsOf(a)
			if len(got) != 1 {
				t.Fatalf("registrations %+v", got)
			}
			r := got[0]
			if r.UserID != a.UserID || r.Transport != "udp" || r.UserAgent != "sipp" || !strings.HasSuffix(r.Source, fmt.Sprintf(":%d", port)) {
				t.Errorf("registration %+v", r)
			}
			if left := time.Until(r.ExpiresAt); left < 500*time.Second || left > 601*time.Second {
				t.Errorf("expires in %v", left)
			}
			sipp(t, "register", part{account: a, Remote: x.sip(), Port: port, Expires: 0, Want: 200}).wait()
			if got := x.registrationsOf(a); len(got) != 0 {
				t.Errorf("after unregistering: %+v", got)
			}
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		a := accountOf("103")
		a.Password = "guess"
		sipp(t, "register", part{account: a, Remote: x.sip(), Expires: 600, Want: 401}).wait()
		if got := x.registrationsOf(a); len(got) != 0 {
			t.Errorf("registrations %+v", got)
		}
	})
	t.Run("unknown user", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		sipp(t, "register", part{account: accountOf("199"), Remote: x.sip(), Expires: 600, Want: 401}).wait()
	})
	t.Run("another's name", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		a := accountOf("104")
		run := sipp(t, "register", part{account: a, From: accountOf("105").Username, Remote: x.sip(), Expires: 600, Want: 403}).wait()
		run.one("403")
		if got := x.registrationsOf(accountOf("105")); len(got) != 0 {
			t.Errorf("registrations %+v", got)
		}
	})
	t.Run("too short", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		run := sipp(t, "register", part{account: accountOf("106"), Remote: x.sip(), Expires: 5, Want: 423}).wait()
		run.one("423").wantHeader(t, "Min-Expires", `^30$`)
	})
	t.Run("SHA-256", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		u := mustUA(t, x, accountOf("107"))
		u.mustRegister(t)
		if got := x.registrationsOf(u.account); len(got) != 1 {
			t.Errorf("registrations %+v", got)
		}
	})
	t.Run("removed", func(t *testing.T) {
		t.Parallel()
		x := x.as(t)
		u := mustUA(t, x, accountOf("108")).mustRegister(t)
		x.api(http.MethodDelete, "/contact-methods/"+u.LineID+"?confirm=true", nil, nil)
		eventually(t, 5*time.Second, "the binding of a line that is gone goes too", func() error {
			if got := x.registrationsOf(u.account); len(got) != 0 {
				return fmt.Errorf("registrations %+v", got)
			}
			return nil
		})
		status, res, err := u.Register(600)
		if err != nil {
			t.Fatal(err)
		}
		if status != 401 && status != 403 && status != 404 {
			t.Errorf("a line that is gone registers:\n%s", res.text)
		}
	})
}

// The mobile app switched off, its phone is registered no longer and cannot come
// back; switched on again, it does with what it had.
func TestAppSwitchedOff(t *testing.T) {
	t.Parallel()
	s := newSite()
	caller, _ := s.phone("102")
	app := account{Ext: "103", UserID: "ada", LineID: "ada-app"}
	s.add("users", record{"id": app.UserID, "first_name": "Ada", "email": "ada@example.com"})
	s.add("contact_methods", record{"id": app.LineID, "user_id": app.UserID, "kind": "app"}).with("inbound.internal_numbers", []string{app.Ext})
	x := newExchange(t, s)
	var invitation struct {
		Code string `json:"code"`
	}
	x.api(http.MethodPost, "/users/ada/invitation", nil, &invitation)
	var activated struct {
		SIP   struct{ User, Username, Password string } `json:"sip"`
		Token string                                    `json:"token"`
	}
	x.api(http.MethodPost, "/app-devices/activate", record{"code": invitation.Code, "os": "android", "name": "Pixel"}, &activated)
	app.User, app.Username, app.Password = activated.SIP.User, activated.SIP.Username, activated.SIP.Password
	phone := mustUA(t, x, app).mustRegister(t)
	other := mustUA(t, x, caller).mustRegister(t)
	if got := x.registrationsOf(app); len(got) != 1 {
		t.Fatalf("registrations %+v", got)
	}
	// Its user is called in calls as the app says.
	own := *x
	own.token = activated.Token
	own.api(http.MethodPatch, "/app-devices/self", record{"first_name": "Augusta"}, nil)
	call, ringing := connect(t, phone, other, "102")
	if from := ringing.invite.header("From"); !strings.Contains(from, "Augusta") {
		t.Errorf("the call comes from %s", from)
	}
	call.mustHangUp(t)

	x.api(http.MethodPatch, "/users/ada", record{"features": record{"app": false}}, nil)
	eventually(t, 5*time.Second, "the registration is over", func() error {
		if got := x.registrationsOf(app); len(got) != 0 {
			return fmt.Errorf("registrations %+v", got)
		}
		return nil
	})
	if status, res, err := phone.Register(600); err != nil || status != 401 && status != 403 {
		t.Errorf("it registers again: %v\n%s", err, res.text)
	}
	if got := x.registrationsOf(caller); len(got) != 1 {
		t.Errorf("another's registrations %+v", got)
	}
	if status, _, err := other.Register(600); err != nil || status != 200 {
		t.Errorf("another's phone does not register: %d %v", status, err)
	}

	x.api(http.MethodPatch, "/users/ada", record{"features": record{"app": true}}, nil)
	phone.mustRegister(t)
	if got := x.registrationsOf(app); len(got) != 1 || got[0].UserID != app.UserID {
		t.Errorf("registrations %+v", got)
	}
	x.idle()
}

// TestRegisterRestart shows that phones need not notice a restart.
func TestRegisterRestart(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, _ := s.phone("102")
	x := newExchange(t, s)
	from, to := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)
	before := x.registrationsOf(b)
	x.stop()
	x.start()
	after := x.registrationsOf(b)
	if len(before) != 1 || len(after) != 1 || before[0].Contact != after[0].Contact || before[0].ExpiresAt.Sub(after[0].ExpiresAt).Abs() > time.Second {
		t.Fatalf("registrations before %+v, after %+v", before, after)
	}
	call, _ := connect(t, from, to, "102")
	call.mustHangUp(t)
	x.idle()
	if out := x.run("registrations"); !regexp.MustCompile(b.Username + `|102`).MatchString(out) {
		t.Errorf("strowger registrations printed:\n%s", out)
	}
}
