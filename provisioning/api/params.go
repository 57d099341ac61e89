package api

import (
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
)

func queryParam(name, text string, schema *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: text, Schema: schema}
}

func text() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }

func moment() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "date-time"} }

func flag() *huma.Schema { return &huma.Schema{Type: huma.TypeBoolean} }

func whole(least, most int) *huma.Schema {
	lo, hi := float64(least), float64(most)
	return &huma.Schema{Type: huma.TypeInteger, Minimum: &lo, Maximum: &hi}
}

var (
	organizationParam = queryParam("organization",
		"The organization, by id or name; the token's own without it. X-Organization is the same as a header.", text())
	idempotencyParam = &huma.Param{Name: "Idempotency-Key", In: "header", Schema: text(),
		Description: "A repetition with the same key is answered as the first request was, for a day."}
	ifMatchParam = &huma.Param{Name: "If-Match", In: "header", Schema: text(),
		Description: "The ETag that the record must still have; 412 if it has another."}
	limitParam  = queryParam("limit", fmt.Sprintf("Items of one answer, %d without it.", provisioning.DefaultLimit), whole(1, provisioning.MaxLimit))
	cursorParam = queryParam("cursor", "next_cursor of the page before.", text())
)

// reservedParams are not filters.
var reservedParams = []string{"organization"}

// listParams are those of a list with these filters, which can be sorted by these
// fields.
func listParams(filters []string, sorts ...string) []*huma.Param {
	out := []*huma.Param{limitParam, cursorParam}
	if len(sorts) > 0 {
		out = append(out, sortParam(sorts))
	}
	for _, name := range filters {
		does := " is this."
		if strings.HasSuffix(name, "~") {
			does = " has this in it, in any case."
		}
		out = append(out, queryParam(name, filterText+strings.TrimSuffix(name, "~")+does, text()))
	}
	return out
}

func sortParam(fields []string) *huma.Param {
	return queryParam("sort", "The field to sort by, with a minus before it the other way: "+strings.Join(fields, ", ")+". "+
		"An id sorts by the name of what it names. Items without the field come last either way; equals are in the list's own order. "+
		"A cursor is good for the order that it was answered in.", text())
}

const filterText = "Only items whose "

func isFilter(p *huma.Param) bool { return strings.HasPrefix(p.Description, filterText) }

var inBraces = regexp.MustCompile(`\{([a-z_]+)\}`)

func pathParams(path string) []*huma.Param {
	var out []*huma.Param
	for _, m := range inBraces.FindAllStringSubmatch(path, -1) {
		out = append(out, &huma.Param{Name: m[1], In: "path", Required: true, Schema: text()})
	}
	return out
}

// flagParam reads a query parameter that is true or false.
func flagParam(r *http.Request, name string) (bool, error) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return r.URL.Query().Has(name), nil
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, invalid(name, "want true or false")
	}
	return b, nil
}

// onlyParams refuses query parameters that an operation does not know.
func onlyParams(r *http.Request, known ...string) error {
	var e provisioning.InputError
	for name := range r.URL.Query() {
		if !contains(known, name) && !contains(reservedParams, name) {
			e.Fields = append(e.Fields, provisioning.Fault(name, "unknown parameter"))
		}
	}
	if len(e.Fields) > 0 {
		return &e
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// wantsCSV says whether text/csv is what the client would rather have.
func wantsCSV(r *http.Request) bool {
	bestJSON, bestCSV := -1.0, -1.0
	for part := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		t, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		q := 1.0
		if v, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		switch t {
		case "text/csv":
			bestCSV = max(bestCSV, q)
		case "application/json", "*/*", "application/*":
			bestJSON = max(bestJSON, q)
		}
	}
	return bestCSV > 0 && bestCSV >= bestJSON
}

// listAnswer answers a page as JSON or, whole, as CSV.
func listAnswer(r *request, name string, item reflect.Type, page provisioning.Page) (*answer, error) {
	if !wantsCSV(r.Request) {
		return ok200(List[any]{Items: page.Items, NextCursor: page.NextCursor})
	}
	a := &answer{write: func(w http.ResponseWriter, _ *http.Request) error {
		return provisioning.WriteCSV(w, item, func(yield func(any) bool) {
			for _, x := range page.Items {
				if !yield(x) {
					return
				}
			}
		})
	}}
	a.set("Content-Type", "text/csv; charset=utf-8")
	a.set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(name, "_", "-")+`.csv"`)
	return a.set("Vary", "Accept"), nil
}

// notModified answers If-None-Match.
func notModified(r *http.Request, etag string) bool {
	for tag := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" && (tag == "*" || strings.TrimPrefix(tag, "W/") == etag) {
			return true
		}
	}
	return false
}
