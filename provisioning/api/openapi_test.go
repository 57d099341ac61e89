package api_test

import (
	"flag"
	"os"
	"testing"
)

var openAPIFile = flag.String("openapi", "", "write the OpenAPI document to this file")

// TestWriteOpenAPI gives the document to whoever builds a client from it:
// .ci/web has the web application's types made of it.
func TestWriteOpenAPI(t *testing.T) {
	if *openAPIFile == "" {
		t.Skip("no -openapi")
	}
	raw := newExchange(t).do("GET", "/api/openapi.json", nil, header{"Authorization": ""}).want(200).raw
	if err := os.WriteFile(*openAPIFile, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}
