package phone

import (
	"strings"

	"strowger/provisioning"
	"strowger/store"
)

// The phone book is who can be called inside the organization. A phone fetches it
// from beside its configuration, again and again, and shows it under a key or a
// menu of its own.

// mostContacts is as many as the smallest phones hold.
const mostContacts = 2000

// A book is the phone book, before it has a maker's form.
type book struct {
	title    string
	contacts []contact
}

type contact struct{ first, last, number string }

func (c contact) name() string { return strings.TrimSpace(c.first + " " + c.last) }

// A bookForm is how one make of phones wants the phone book.
type bookForm struct {
	file  string // with the phone's address in the place of MAC
	write func(*book) []byte
}

func (h *Handler) book(sn *store.Snapshot) (*book, error) {
	o := sn.Organization
	page, err := h.svc.Directory(o.ID, provisioning.Query{Limit: mostContacts})
	if err != nil {
		return nil, err
	}
	b := &book{title: o.Name}
	for _, item := range page.Items {
		e := item.(*provisioning.DirectoryEntry)
		b.contacts = append(b.contacts, contact{e.FirstName, e.LastName, e.Extension})
	}
	return b, nil
}

// listBook is the form that most makes share, under an element of their own.
func listBook(element string) func(*book) []byte {
	return func(b *book) []byte {
		x := newXML()
		x.open(element)
		x.value("Title", b.title)
		for _, c := range b.contacts {
			x.open("DirectoryEntry")
			x.value("Name", c.name())
			x.value("Telephone", c.number)
			x.close("DirectoryEntry")
		}
		x.close(element)
		return x.Bytes()
	}
}

func grandstreamBook(b *book) []byte {
	x := newXML()
	x.open("AddressBook")
	for _, c := range b.contacts {
		x.open("Contact")
		x.value("FirstName", c.first)
		x.value("LastName", c.last)
		x.open("Phone", "type", "Work")
		x.value("phonenumber", c.number)
		x.value("accountindex", "0")
		x.close("Phone")
		x.close("Contact")
	}
	x.close("AddressBook")
	return x.Bytes()
}

func polyBook(b *book) []byte {
	x := newXML()
	x.open("directory")
	x.open("item_list")
	for _, c := range b.contacts {
		x.open("item")
		x.value("ln", c.last)
		x.value("fn", c.first)
		x.value("ct", c.number)
		x.close("item")
	}
	x.close("item_list")
	x.close("directory")
	return x.Bytes()
}
