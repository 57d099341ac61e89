package store_test

import (
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

// same compares what two changes say beside the mails.
func same(a, b store.AddressChange) bool {
	return a.UserID == b.UserID && a.Known == b.Known && a.Invited == b.Invited
}

// Who has accepted an invitation gets another address verified by whatever way it
// comes; an invitation that went to the address before is void.
func TestAnotherAddress(t *testing.T) {
	ctx, org, by := t.Context(), store.DefaultOrganization, store.Author{Who: "test"}
	st := storetest.New(t)
	storetest.Apply(t, st, storetest.Site)
	update := func(edit func(e *store.Edit) error) store.Revision {
		t.Helper()
		rev, err := st.Update(ctx, org, by, edit)
		if err != nil {
			t.Fatal(err)
		}
		return rev
	}
	change := func(f func(u *store.User)) store.Revision {
		t.Helper()
		return update(func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			copied := *u
			f(&copied)
			return e.Users.Put(copied)
		})
	}
	move := func(email string) store.Revision {
		t.Helper()
		return change(func(u *store.User) { u.Email = email })
	}
	is := func(rev store.Revision, state, verified string, told ...store.AddressChange) *store.User {
		t.Helper()
		s, _ := st.Snapshot(org)
		u, _ := s.Users.Get("anna")
		v := u.Verification()
		if v.State != state || v.Verified != verified || (v.DeliveryID != "") != (state == store.EmailAsked) || u.UnverifiedEmail() != (state == store.EmailAsked) {
			t.Errorf("%s: %+v, want it %s with %q known", u.Email, v, state, verified)
		}
		if len(rev.Readdressed) != len(told) || len(told) == 1 && !same(rev.Readdressed[0], told[0]) {
			t.Errorf("%s: %+v are to hear of it, want %+v", u.Email, rev.Readdressed, told)
		}
		return u
	}
	code := store.CodeHash("x")
	void := func(rev store.Revision, want string) {
		t.Helper()
		if got := rev.Readdressed[0].Void; len(got) != 1 || got[0] != want {
			t.Errorf("%q are void, want %s", got, want)
		}
	}

	// Nobody has accepted anything: any address will do.
	is(move("typo@example.com"), "none", "", store.AddressChange{UserID: "anna"})
	change(func(u *store.User) {
		u.Invitation, u.InvitationCode = store.Invitation{State: store.InvitationSent, DeliveryID: "letter"}, code
	})
	moved := move("anna@example.com")
	void(moved, "letter")
	u := is(moved, "none", "", store.AddressChange{UserID: "anna", Invited: true})
	if _, opens := st.Directory().ByCode(code); opens || u.Invitation.State != store.InvitationNone {
		t.Errorf("the code that went astray opens: %v, %+v", opens, u.Invitation)
	}

	// Accepted, by a release that knew no verification.
	accepted := change(func(u *store.User) { u.Invitation.State = store.InvitationAccepted })
	is(accepted, "none", "")
	is(move("ANNA@example.com"), "none", "") // the same one
	moved = move("anna@example.org")
	first := is(moved, "sent", "ANNA@example.com", store.AddressChange{UserID: "anna", Known: "ANNA@example.com"})
	back := move("anna@example.com")
	void(back, first.EmailVerification.DeliveryID)
	is(back, "verified", "ANNA@example.com", store.AddressChange{UserID: "anna", Known: "ANNA@example.com"})
	again := is(move("anna@example.org"), "sent", "ANNA@example.com", store.AddressChange{UserID: "anna", Known: "ANNA@example.com"})
	if again.EmailVerification.DeliveryID == first.EmailVerification.DeliveryID || !again.EmailVerification.ExpiresAt.Equal(again.EmailVerification.SentAt.Add(store.VerificationLife)) {
		t.Errorf("%+v, and then %+v", first.EmailVerification, again.EmailVerification)
	}
	// Back again by undo, to what is known; and by restore, to what is not.
	is(update(st.Restoring(ctx, org, accepted.Revision)), "verified", "ANNA@example.com", store.AddressChange{UserID: "anna", Known: "ANNA@example.com"})
	is(update(st.Restoring(ctx, org, moved.Revision)), "sent", "ANNA@example.com", store.AddressChange{UserID: "anna", Known: "ANNA@example.com"})
	// A file tells nothing of it but the address.
	is(update(func(e *store.Edit) error {
		return e.Apply(&store.Site{Users: []store.User{{Meta: store.Meta{ID: "anna"}, FirstName: "Anna", Plan: "plus", Email: "anna@example.org", DirectNumber: "+40210000002",
			EmailVerification: &store.EmailVerification{State: store.EmailVerified, Verified: "anna@example.org"}}}}, false)
	}), "sent", "ANNA@example.com")
	// None, and then another: it is not known either.
	is(move(""), "none", "ANNA@example.com", store.AddressChange{UserID: "anna", Known: "ANNA@example.com"})
	is(move("anna@example.net"), "sent", "ANNA@example.com", store.AddressChange{UserID: "anna", Known: "ANNA@example.com"})
	// Two changes at once are one.
	is(update(func(e *store.Edit) error {
		for _, email := range []string{"one@example.com", "anna@example.net"} {
			u, _ := e.Users.Get("anna")
			copied := *u
			copied.Email = email
			if err := e.Users.Put(copied); err != nil {
				return err
			}
		}
		return nil
	}), "sent", "ANNA@example.com")
	if s, _ := st.Snapshot(org); func() bool { u, _ := s.Users.Get("anna"); return u.Invitation.State != store.InvitationAccepted }() {
		t.Error("the acceptance is forgotten")
	}
	// A try leads to no address.
	rev, _, _, err := st.Preview(ctx, org, by, func(e *store.Edit) error {
		u, _ := e.Users.Get("anna")
		copied := *u
		copied.Email = "draft@example.com"
		return e.Users.Put(copied)
	})
	if err != nil || len(rev.Readdressed) != 0 || len(rev.Changes) != 1 {
		t.Errorf("%+v %v", rev, err)
	}
}
