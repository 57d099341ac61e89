package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"strowger/provisioning"
	"strowger/store"
)

type applyCmd struct {
	File   string `arg:"" placeholder:"F" help:"JSON or YAML; - for standard input."`
	Prune  bool   `help:"Delete what the file does not have, in the collections that it names."`
	DryRun bool   `help:"Print the difference and change nothing."`
	JSON   bool   `name:"json" help:"Print the report as JSON."`
}

func (c *applyCmd) Run(g *Globals) error {
	raw, err := g.readFile(c.File)
	if err != nil {
		return err
	}
	api, err := g.connect(true)
	if err != nil {
		return err
	}
	defer api.close()
	query := url.Values{}
	if c.Prune {
		query.Set("prune", "true")
	}
	if c.DryRun {
		query.Set("dry_run", "true")
	}
	res, err := api.send(g.ctx, http.MethodPost, "/apply", query, "", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	var report provisioning.ApplyReport
	if err := decodeAnswer(res, &report); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if c.JSON {
		return g.printJSON(report)
	}
	sign := map[string]string{store.OpCreate: "+", store.OpUpdate: "~", store.OpDelete: "-"}
	for _, ch := range report.Changes {
		fmt.Fprintf(g.stdout, "%s %s\n", sign[ch.Op], printable(ch.Path))
		if ch.Op == store.OpUpdate {
			before, _ := ch.Before.JSON() // as it came
			after, _ := ch.After.JSON()
			for _, d := range differences(before, after) {
				fmt.Fprintf(g.stdout, "    %s\n", printable(d))
			}
			if ch.Secret {
				fmt.Fprintf(g.stdout, "    (a secret)\n")
			}
		}
	}
	for _, p := range report.Generated {
		if p.Username == "" {
			fmt.Fprintf(g.stdout, "%s: secret %s\n", printable(p.Path), p.Password)
			continue
		}
		fmt.Fprintf(g.stdout, "%s: user name %s, password %s\n", printable(p.Path), printable(p.Username), p.Password)
	}
	summary := fmt.Sprintf("%d created, %d changed, %d deleted", report.Created, report.Changed, report.Deleted)
	switch {
	case c.DryRun:
		summary += "; nothing was saved (--dry-run)"
	case report.Revision == 0:
		summary = "nothing to change"
	default:
		summary += fmt.Sprintf("; revision %d", report.Revision)
	}
	fmt.Fprintln(g.stdout, summary)
	return nil
}

// readFile reads a file, or standard input for "-".
func (g *Globals) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(g.stdin)
	}
	return os.ReadFile(name)
}
