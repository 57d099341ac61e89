package store

// signOutApps takes the app devices of users who have no application line any more:
// it was deleted, or is somebody else's now. What they register is gone, and the next
// line must not let them in without a code. Such a user is invited again with it. It
// looks at what the whole edit changes: a file that replaces the line keeps the apps.
func (e *Edit) signOutApps() error {
	var lost []string
	has := map[string]bool{}
	for id := range e.ContactMethods.touched {
		old, was := e.ContactMethods.base.Get(id)
		now, is := e.ContactMethods.Get(id)
		if is && now.Kind == KindApp {
			has[now.UserID] = true
		}
		if was && old.Kind == KindApp && (!is || now.UserID != old.UserID) {
			lost = append(lost, old.UserID)
		}
	}
	for _, user := range lost {
		if has[user] {
			continue
		}
		for _, d := range e.base.AppDevicesOf(user) {
			if _, ok := e.AppDevices.Get(d.ID); !ok {
				continue
			}
			if err := e.AppDevices.Delete(d.ID); err != nil {
				return err
			}
		}
		u, ok := e.Users.Get(user)
		if !ok || u.Invitation.State == InvitationNone {
			continue
		}
		e.Users.modify(user, func(u *User) { u.Invitation = Invitation{State: InvitationNone} })
		e.Users.touched[user] = secretInput{code: NoCode}.over(e.Users.touched[user])
	}
	return nil
}
