package phone

import (
	"strconv"
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
	language string // the organization's
	contacts []contact
	// Where a make takes it page by page:
	url         string // of its first page
	page, pages int    // from 1
}

type contact struct{ first, last, number string }

func (c contact) name() string { return strings.TrimSpace(c.first + " " + c.last) }

// A bookForm is how one make of phones wants the phone book.
type bookForm struct {
	file    string // with the phone's address in the place of MAC
	write   func(*book) []byte
	perPage int // contacts of an answer; 0: all
}

// turn leaves the contacts of one page, which a phone names from 1, in the book. It
// answers false when there is none.
func (b *book) turn(page string, perPage int) bool {
	b.page, b.pages = 1, max(1, (len(b.contacts)+perPage-1)/perPage)
	if page != "" {
		n, err := strconv.Atoi(page)
		if err != nil || n < 1 || n > b.pages {
			return false
		}
		b.page = n
	}
	from := (b.page - 1) * perPage
	b.contacts = b.contacts[from:min(from+perPage, len(b.contacts))]
	return true
}

func (h *Handler) book(sn *store.Snapshot) (*book, error) {
	o := sn.Organization
	page, err := h.svc.Directory(o.ID, provisioning.Query{Limit: mostContacts})
	if err != nil {
		return nil, err
	}
	b := &book{title: o.Name, language: o.Language}
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
		b.list(x)
		x.close(element)
		return x.Bytes()
	}
}

func (b *book) list(x *xmlFile) {
	x.value("Title", b.title)
	for _, c := range b.contacts {
		x.open("DirectoryEntry")
		x.value("Name", c.name())
		x.value("Telephone", c.number)
		x.close("DirectoryEntry")
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
