package provisioning

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"strowger/store"
)

// messagesOf are the ids of a user's voicemails.
func (s *Service) messagesOf(ctx context.Context, org, user string) (ids []string, err error) {
	const page = 1000
	for before := ""; ; {
		some, err := s.store.Voicemails(ctx, org, before, page)
		if err != nil {
			return nil, err
		}
		for _, v := range some {
			if v.UserID == user {
				ids = append(ids, v.ID)
			}
		}
		if len(some) < page {
			return ids, nil
		}
		before = some[page-1].ID
	}
}

// handMessages gives a user's messages to somebody else, to whom they are new, before
// the user is deleted. What would keep the user from being deleted keeps the messages
// where they are.
func (s *Service) handMessages(ctx context.Context, org string, by store.Author, from, ifMatch, to string) error {
	sn, err := s.snapshot(org)
	if err != nil {
		return err
	}
	if _, ok := sn.Users.Get(to); !ok {
		return invalid("messages_to", "there is no user %q", to)
	}
	if to == from {
		return invalid("messages_to", "is the user who is to be deleted")
	}
	if err := s.remove(ctx, s.store.Try, org, by, users, from, ifMatch); err != nil {
		return err
	}
	ids, err := s.messagesOf(ctx, org, from)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := s.store.ChangeVoicemail(ctx, org, id, func(v *store.Voicemail) { v.UserID, v.Read = to, false })
		if err != nil && !errors.Is(err, store.ErrNotFound) { // deleted just now
			return err
		}
	}
	return nil
}

// DeleteUser takes a user away with everything that is only the user's. Without
// confirm it refuses and lists what would go. messagesTo, if any, is the user who gets
// the messages; otherwise they stay, and are nobody's.
func (s *Service) DeleteUser(ctx context.Context, org string, by store.Author, id, ifMatch string, confirm bool, messagesTo string) error {
	if !confirm {
		deps, err := s.Dependencies(ctx, org, users, id)
		if err != nil {
			return err
		}
		return &Refusal{Status: 409, Dependencies: deps,
			Detail: store.Say("deleting the user removes or changes %d other records; repeat with ?confirm=true", len(deps))}
	}
	if messagesTo != "" {
		if err := s.handMessages(ctx, org, by, id, ifMatch, messagesTo); err != nil {
			return err
		}
	}
	return s.Delete(ctx, org, by, users, id, ifMatch)
}

// removeUser is what goes with a user.
func removeUser(s *Service, e *store.Edit, u *store.User) error {
	if u.Role == roleAdmin {
		if err := keepAnAdmin(e, u.ID); err != nil {
			return err
		}
	}
	for _, m := range e.Base().LinesOf(u.ID) {
		if cur, ok := e.ContactMethods.Get(m.ID); ok {
			if err := removeContactMethod(s, e, cur); err != nil {
				return err
			}
			if err := e.ContactMethods.Delete(m.ID); err != nil {
				return err
			}
		}
	}
	for _, d := range e.Base().AppDevicesOf(u.ID) {
		if _, ok := e.AppDevices.Get(d.ID); ok {
			if err := e.AppDevices.Delete(d.ID); err != nil {
				return err
			}
		}
	}
	for id, t := range e.Tokens.All() {
		if t.UserID == u.ID || t.CreatedBy == u.ID {
			if err := e.Tokens.Delete(id); err != nil {
				return err
			}
		}
	}
	return cutFromFlows(e, u.ID)
}

// removeContactMethod is what goes with a contact method: the desk phones that
// have it lose it, a user's routing passes it by. That its numbers are nobody's and
// its apps are signed out the store sees to.
func removeContactMethod(_ *Service, e *store.Edit, m *store.ContactMethod) error {
	for _, d := range e.Devices.All() {
		has := func(l store.DeviceLine) bool { return l.ContactMethodID == m.ID }
		if slices.ContainsFunc(d.Lines, has) {
			changed := *d
			changed.Lines = slices.DeleteFunc(slices.Clone(d.Lines), has)
			if err := e.Devices.Put(changed); err != nil {
				return err
			}
		}
	}
	for _, path := range e.Base().Referrers("contact_methods", m.ID) {
		id, ok := strings.CutPrefix(path, "users/")
		if !ok {
			continue
		}
		id, _, _ = strings.Cut(id, ".routing")
		if u, ok := e.Users.Get(id); ok && slices.Contains(u.Routing.ContactMethodIDs, m.ID) {
			changed := *u
			changed.Routing.ContactMethodIDs = slices.DeleteFunc(slices.Clone(u.Routing.ContactMethodIDs),
				func(id string) bool { return id == m.ID })
			if err := e.Users.Put(changed); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeCallFlow leaves the numbers that led into a flow without an owner, and
// frees the internal ones.
func removeCallFlow(_ *Service, e *store.Edit, f *store.CallFlow) error {
	owner := store.Owner{Kind: store.OwnerCallFlow, ID: f.ID}
	for _, n := range e.Numbers.All() {
		if n.Owner == owner {
			changed := *n
			changed.Owner = store.Owner{Kind: store.OwnerNone}
			if err := e.Numbers.Put(changed); err != nil {
				return err
			}
		}
	}
	for _, n := range e.InternalNumbers.All() {
		if n.Owner == owner {
			if err := e.InternalNumbers.Delete(n.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// cutFromFlows takes a user out of the nodes that ring several, and makes those
// that lead to this one only hang up.
func cutFromFlows(e *store.Edit, userID string) error {
	for _, f := range e.CallFlows.All() {
		changed := *f
		changed.Nodes = slices.Clone(f.Nodes)
		found := false
		for i, n := range f.Nodes {
			if !slices.Contains(n.UserIDs(), userID) {
				continue
			}
			found = true
			if n.Settings["user_id"] == userID {
				changed.Nodes[i] = store.FlowNode{ID: n.ID, Type: "hang_up", Name: n.Name}
				continue
			}
			left := slices.DeleteFunc(n.UserIDs(), func(id string) bool { return id == userID })
			changed.Nodes[i].Settings = maps.Clone(n.Settings)
			changed.Nodes[i].Settings["user_ids"] = strings.Join(left, ",")
		}
		if found {
			if err := e.CallFlows.Put(changed); err != nil {
				return err
			}
		}
	}
	return nil
}
