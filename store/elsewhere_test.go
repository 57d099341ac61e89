package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

// TestSecretsStayWithTheirServer: what was typed for one server does not go to
// another because somebody changed its name.
func TestSecretsStayWithTheirServer(t *testing.T) {
	trunk := func(change func(*store.Trunk)) func(*store.Edit) error {
		return func(e *store.Edit) error {
			r, _ := e.Trunks.Get("carrier")
			next := *r
			change(&next)
			return e.Trunks.Put(next)
		}
	}
	hook := func(settings map[string]string) func(*store.Edit) error {
		return func(e *store.Edit) error {
			return e.DeliveryMethods.Put(store.DeliveryMethod{Meta: store.Meta{ID: "hook"}, Name: "Hook", Kind: "webhook", Settings: settings})
		}
	}
	server := func(change func(*store.MailServer)) func(*store.Edit) error {
		return func(e *store.Edit) error {
			o := *e.Organization.Get()
			change(&o.Mail)
			return e.Organization.Put(o)
		}
	}
	provider := func(change func(*store.OpenIDProvider)) func(*store.Edit) error {
		return func(e *store.Edit) error {
			o := *e.Organization.Get()
			change(&o.SignIn.OpenID)
			return e.Organization.Put(o)
		}
	}
	const elsewhere = "https://two.example.com/a"
	for name, c := range map[string]struct {
		edit  func(*store.Edit) error
		field string // refused; empty: taken
	}{
		"trunk elsewhere":                    {trunk(func(r *store.Trunk) { r.Host = "evil.example.com" }), "auth.password"},
		"trunk elsewhere, typed again":       {trunk(func(r *store.Trunk) { r.Host, r.Auth.Password = "new.example.com", "trunk secret" }), ""},
		"trunk by another name":              {trunk(func(r *store.Trunk) { r.Name = "Another" }), ""},
		"webhook elsewhere":                  {hook(map[string]string{"url": elsewhere}), "settings.header.Authorization"},
		"webhook elsewhere, half of it":      {hook(map[string]string{"url": elsewhere, "header.Authorization": "Bearer y"}), "settings.secret"},
		"webhook elsewhere, one taken away":  {hook(map[string]string{"url": elsewhere, "header.Authorization": "", "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}), ""},
		"webhook, same server":               {hook(map[string]string{"url": "https://one.example.com/b"}), ""},
		"mail server elsewhere":              {server(func(m *store.MailServer) { m.Host = "evil.example.com" }), "mail.password"},
		"mail server elsewhere, typed again": {server(func(m *store.MailServer) { m.Host, m.Password = "new.example.com", "another" }), ""},
		"mail server, another sender":        {server(func(m *store.MailServer) { m.From = "me@example.com" }), ""},
		"mail server without sign-in":        {server(func(m *store.MailServer) { m.Host, m.Username = "open.example.com", "" }), ""},
		"another issuer":                     {provider(func(p *store.OpenIDProvider) { p.Issuer = "https://evil.example.com" }), "sign_in.openid.client_secret"},
		"another issuer, typed again":        {provider(func(p *store.OpenIDProvider) { p.Issuer, p.ClientSecret = "https://new.example.com", "s2" }), ""},
		"another client id":                  {provider(func(p *store.OpenIDProvider) { p.ClientID = "c2" }), ""},
		"no provider any more":               {provider(func(p *store.OpenIDProvider) { *p = store.OpenIDProvider{} }), ""},
		"a client of nobody":                 {provider(func(p *store.OpenIDProvider) { p.Issuer = "" }), "sign_in.openid.issuer"},
		"an issuer in the clear":             {provider(func(p *store.OpenIDProvider) { p.Issuer, p.ClientSecret = "http://id.example.com", "s" }), "sign_in.openid.issuer"},
		"an issuer with a query":             {provider(func(p *store.OpenIDProvider) { p.Issuer, p.ClientSecret = "https://id.example.com/?a", "s" }), "sign_in.openid.issuer"},
		"matched by nothing":                 {provider(func(p *store.OpenIDProvider) { p.Match = "name" }), "sign_in.openid.match"},
	} {
		t.Run(name, func(t *testing.T) {
			st := storetest.New(t)
			site, _ := store.ParseSite([]byte(storetest.Site))
			if _, err := st.ApplySite(context.Background(), "default", by, site, false, false); err != nil {
				t.Fatal(err)
			}
			update(t, st, func(e *store.Edit) error {
				o := *e.Organization.Get()
				o.Mail = store.MailServer{Host: "mail.example.com", Username: "us", Password: "mail secret", From: "us@example.com"}
				o.SignIn.OpenID = store.OpenIDProvider{Issuer: "https://id.example.com", ClientID: "c", ClientSecret: "s"}
				return errors.Join(e.Organization.Put(o), e.DeliveryMethods.Put(store.DeliveryMethod{
					Meta: store.Meta{ID: "hook"}, Name: "Hook", Kind: "webhook",
					Settings: map[string]string{"url": "https://one.example.com/a", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "header.Authorization": "Bearer x"},
				}))
			})
			before := current(st).Revision
			rev, err := st.Update(context.Background(), "default", by, c.edit)
			if c.field != "" {
				var invalid *store.ValidationError
				if !errors.As(err, &invalid) || !strings.HasSuffix(invalid.Field, "."+c.field) && !strings.HasSuffix(invalid.Field, "/"+c.field) {
					t.Errorf("%+v, want a complaint about %s", err, c.field)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if sec, ok := current(st).Secret("organizations", "default"+store.OpenIDSecret); ok != (name != "no provider any more") {
				t.Errorf("the client secret is kept: %v", ok)
			} else if text, err := st.OpenSecret(sec); ok && (err != nil || text == "mail secret") {
				t.Errorf("the client secret is %q, %v", text, err)
			}
			// What was accepted can be undone, though nobody can type then.
			if _, err := st.Update(context.Background(), "default", by, st.Restoring(context.Background(), "default", before)); err != nil {
				t.Errorf("undoing revision %d: %v", rev.Revision, err)
			}
		})
	}
}
