package store_test

import (
	"errors"
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

// A desk phone is known by its address however that is written on its back.
func TestHardwareAddressSpellings(t *testing.T) {
	st := storetest.New(t)
	for _, mac := range []string{"00:15:65:AA:BB:CC", "00-15-65-aa-bb-cc", "0015.65AA.BBCC", " 001565aabbcc", "001565 AABBCC"} {
		_, err := st.Update(t.Context(), store.DefaultOrganization, store.Author{Who: "test"}, func(e *store.Edit) error {
			return e.Devices.Put(store.Device{Meta: store.Meta{ID: "phone"}, MAC: mac, Vendor: " Yealink "})
		})
		if err != nil {
			t.Fatalf("%q: %v", mac, err)
		}
		s, _ := st.Snapshot(store.DefaultOrganization)
		if d, _ := s.DeviceByMAC("001565AABBCC"); d == nil || d.MAC != "001565aabbcc" || d.Vendor != "yealink" {
			t.Errorf("%q: %+v", mac, d)
		}
	}
	_, err := st.Update(t.Context(), store.DefaultOrganization, store.Author{Who: "test"}, func(e *store.Edit) error {
		return e.Devices.Put(store.Device{Meta: store.Meta{ID: "other"}, MAC: "00.15.65.aa.bb.cc", Vendor: "snom"})
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("one address for two phones: %v", err)
	}
}
