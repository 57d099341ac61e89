package provisioning

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"strowger/store"
)

// resetLinks are those that wait to be mailed, by whom they are for.
func resetLinks(t *testing.T, s *Service, org string) map[string][]string {
	t.Helper()
	jobs, err := s.store.Jobs(t.Context(), org, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	links := map[string][]string{}
	for _, j := range slices.Backward(jobs) {
		m, err := s.store.OpenMail(j)
		if err != nil {
			t.Fatal(err)
		}
		link := regexp.MustCompile(`\S+/reset#[^~]+~([^~]+)~\S+`).FindStringSubmatch(m.Text)
		links[link[1]] = append(links[link[1]], link[0])
	}
	return links
}

func resetSite(t *testing.T) (*Service, *time.Time) {
	t.Helper()
	s, now := newService(t)
	change := func(e *store.Edit) error {
		o := *e.Organization.Get()
		o.Mail = store.MailServer{Host: "mail.example.com", From: "pbx@example.com"}
		return e.Organization.Put(o)
	}
	if _, err := s.store.Update(t.Context(), store.DefaultOrganization, me, change); err != nil {
		t.Fatal(err)
	}
	mustCreate(t, s, "users", `{"id":"anna","first_name":"Anna","email":"anna@example.com","login":"anna","password":"anna-password"}`)
	mustCreate(t, s, "users", `{"id":"second","first_name":"Anna","email":"Anna@Example.com","login":"second","password":"anna-password"}`)
	mustCreate(t, s, "users", `{"id":"mute","first_name":"Mute","email":"mute@example.com","login":"mute"}`)
	return s, now
}

// Who wrote Host decides nothing of what a mailed link begins with.
func TestResetLinkLeadsHome(t *testing.T) {
	s, now := resetSite(t)
	s.mailResets("anna", Client{Base: "https://evil.example"})
	if links := resetLinks(t, s, "default"); len(links) != 0 {
		t.Errorf("mailed %v", links)
	}
	s.mailResets("anna", Client{Base: "http://127.0.0.1:8080"})
	if link := resetLinks(t, s, "default")["anna"]; len(link) != 1 || link[0][:27] != "http://127.0.0.1:8080/reset" {
		t.Errorf("mailed %v", link)
	}
	change := func(e *store.Edit) error {
		o := *e.Organization.Get()
		o.WebAddress = "https://pbx.example.com"
		return e.Organization.Put(o)
	}
	if _, err := s.store.Update(t.Context(), "default", me, change); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(resetPause)
	s.mailResets("anna", Client{Base: "https://evil.example"})
	if link := resetLinks(t, s, "default")["anna"]; len(link) != 2 || link[1][:29] != "https://pbx.example.com/reset" {
		t.Errorf("mailed %v", link)
	}
}

// Each account of an address gets its own link, in each organization; who never
// signs in gets none, and nobody's mailbox is filled.
func TestResetMails(t *testing.T) {
	s, now := resetSite(t)
	if _, err := s.store.CreateOrganization(t.Context(), me, store.Organization{Meta: store.Meta{ID: "acme"}}); err != nil {
		t.Fatal(err)
	}
	c, _ := FindCollection("users")
	if _, _, err := s.Create(t.Context(), "acme", me, c, []byte(`{"id":"coyote","first_name":"C","email":"anna@example.com","password":"coyote-password"}`)); err != nil {
		t.Fatal(err)
	}
	home := Client{Base: "http://localhost"}
	s.mailResets("ANNA@example.com", home)
	s.mailResets("mute", home)
	s.mailResets("nobody", home)
	if here, there := resetLinks(t, s, "default"), resetLinks(t, s, "acme"); len(here) != 2 || len(here["anna"]) != 1 || len(here["second"]) != 1 || len(there["coyote"]) != 1 {
		t.Errorf("here %v, there %v", here, there)
	}
	for range 20 {
		s.mailResets("anna", home)
		*now = now.Add(time.Minute)
	}
	if n := len(resetLinks(t, s, "default")["anna"]); n != 4 {
		t.Errorf("%d mails in twenty minutes", n)
	}
}
