package store_test

import (
	"testing"

	"strowger/store/storetest"
)

func TestSmoke(t *testing.T) {
	st := storetest.New(t)
	s := storetest.Apply(t, st, `{"users":[{"id":"anna","first_name":"Anna"}],"contact_methods":[{"id":"a1","user_id":"anna","kind":"sip_account","inbound":{"internal_numbers":["101"],"did_numbers":["+40212345678"]}},
	{"id":"a2","user_id":"anna","kind":"app"}],
	"numbers":[{"id":"n1","e164":"+40212345678"}]}`)
	u, _ := s.Users.Get("anna")
	t.Logf("%+v", u)
	n, _ := s.Numbers.Get("n1")
	t.Logf("%+v", n)
	c, ok := s.Credential("a1")
	t.Logf("%+v %v", c, ok)
}
