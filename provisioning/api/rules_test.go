package api_test

import (
	"fmt"
	"testing"
)

// TestEmergencyNumbers: whatever is sent, the country's own emergency numbers stay
// what they are, and no extension is called like one.
func TestEmergencyNumbers(t *testing.T) {
	x := newExchange(t)
	patch := func(body object) *reply { return x.do("PATCH", "/organizations/default", body) }
	patch(object{"country": "US"}).want(200)
	for _, none := range []any{[]string{}, nil} {
		got := patch(object{"emergency_numbers": none}).want(200).object()["emergency_numbers"]
		if fmt.Sprint(got) != "[112 911]" {
			t.Errorf("%v: %v", none, got)
		}
	}
	patch(object{"emergency_numbers": []string{"112", "933"}}).want(422, "emergency_numbers")
	patch(object{"emergency_numbers": []string{"911", "933"}}).want(200)
	x.people()
	x.do("PATCH", "/contact-methods/anna-app", object{"inbound": object{"internal_numbers": []string{"911"}}}).want(422, "inbound.internal_numbers[0]")
	if got := patch(object{"country": "GB"}).want(200).object()["emergency_numbers"]; fmt.Sprint(got) != "[112 999 933]" {
		t.Errorf("moved: %v", got)
	}
}
