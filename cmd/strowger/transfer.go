package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"strowger/provisioning"
)

type importCmd struct {
	Users importUsersCmd `cmd:"" help:"Create users from a CSV file. Whoever runs it says that the people in the file have agreed; that is kept with who and when."`
}

type importUsersCmd struct {
	File            string `arg:"" placeholder:"F" help:"CSV in UTF-8 with a header line; - for standard input."`
	Map             string `placeholder:"\"Given=first_name,…\"" help:"Column to field, for columns that are not named like a field."`
	MergeDuplicates bool   `help:"Skip users that exist: same email, else same full name."`
	DryRun          bool   `help:"Report and change nothing."`
	JSON            bool   `name:"json" help:"Print the report as JSON."`
}

func (c *importUsersCmd) Run(g *Globals) error {
	mapping, err := parseMap(c.Map)
	if err != nil {
		return usageError{err}
	}
	raw, err := g.readFile(c.File)
	if err != nil {
		return err
	}
	api, err := g.connect(true)
	if err != nil {
		return err
	}
	defer api.close()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	columns, err := json.Marshal(mapping)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"mapping": string(columns), "merge_duplicates": strconv.FormatBool(c.MergeDuplicates),
		"dry_run": strconv.FormatBool(c.DryRun),
		// Whoever runs the command on the exchange itself answers for it.
		"consent": "true",
	} {
		if err := form.WriteField(name, value); err != nil {
			return err
		}
	}
	part, err := form.CreateFormFile("file", "users.csv")
	if err != nil {
		return err
	}
	part.Write(raw) // into memory
	if err := form.Close(); err != nil {
		return err
	}
	res, err := api.send(g.ctx, http.MethodPost, "/users/import", nil, form.FormDataContentType(), &body)
	if err != nil {
		return err
	}
	var report provisioning.ImportReport
	if res.StatusCode == http.StatusUnprocessableEntity && res.Header.Get("Content-Type") == "application/json" {
		res.StatusCode = http.StatusOK // a report of rows that failed
	}
	if err := decodeAnswer(res, &report); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if c.JSON {
		if err := g.printJSON(report); err != nil {
			return err
		}
	} else {
		c.print(g, &report)
	}
	if report.Failed > 0 {
		return fmt.Errorf("%s: %d rows are wrong; nothing was imported", c.File, report.Failed)
	}
	return nil
}

func (c *importUsersCmd) print(g *Globals, report *provisioning.ImportReport) {
	for _, row := range report.Rows {
		if row.Action == "created" {
			continue
		}
		fmt.Fprintf(g.stdout, "row %d %s: %s\n", row.Row, row.Action, printable(strings.TrimPrefix(row.Field+": "+row.Reason, ": ")))
	}
	fmt.Fprintf(g.stdout, "%d created, %d skipped, %d failed", report.Created, report.Skipped, report.Failed)
	if report.Revision != 0 {
		fmt.Fprintf(g.stdout, "; revision %d", report.Revision)
	} else if c.DryRun {
		fmt.Fprint(g.stdout, "; nothing was saved (--dry-run)")
	}
	fmt.Fprintln(g.stdout)
}

// parseMap reads "Given=first_name,Family=last_name". A column that is mapped
// to nothing is left out.
func parseMap(text string) (map[string]string, error) {
	out := make(map[string]string)
	if text == "" {
		return out, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		column, field, ok := strings.Cut(pair, "=")
		if !ok || strings.TrimSpace(column) == "" {
			return nil, fmt.Errorf("--map: %q; want Column=field", pair)
		}
		out[strings.TrimSpace(column)] = strings.TrimSpace(field)
	}
	return out, nil
}

type exportCmd struct {
	Users  exportUsersCmd  `cmd:"" help:"CSV of all users to standard output."`
	Config exportConfigCmd `cmd:"" help:"The configuration in the form of apply to standard output."`

	Dashboard exportDashboardCmd `cmd:"" help:"A Grafana dashboard for /metrics to standard output."`
	Alerts    exportAlertsCmd    `cmd:"" help:"Alert rules for Prometheus to standard output."`
}

type exportUsersCmd struct{}

func (c *exportUsersCmd) Run(g *Globals) error {
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	req, err := http.NewRequestWithContext(g.ctx, http.MethodGet, "http://strowger/api/v1/users", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/csv")
	if api.organization != "" {
		req.Header.Set("X-Organization", api.organization)
	}
	res, err := api.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := failure(res); err != nil {
		return err
	}
	_, err = io.Copy(g.stdout, res.Body)
	return err
}

type exportConfigCmd struct {
	YAML bool `name:"yaml" help:"YAML instead of JSON."`
}

func (c *exportConfigCmd) Run(g *Globals) error {
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	var raw json.RawMessage
	if err := api.call(g.ctx, http.MethodGet, "/export", nil, nil, &raw); err != nil {
		return err
	}
	if !c.YAML {
		var out bytes.Buffer
		if err := json.Indent(&out, raw, "", "  "); err != nil {
			return err
		}
		_, err := g.stdout.Write(out.Bytes())
		return err
	}
	// JSON is YAML: reading it as that keeps the order of the fields.
	var node yaml.Node
	if err := yaml.Unmarshal(raw, &node); err != nil {
		return err
	}
	block(&node)
	e := yaml.NewEncoder(g.stdout)
	e.SetIndent(2)
	if err := e.Encode(&node); err != nil {
		return err
	}
	return e.Close()
}

// block takes the style of JSON off YAML nodes: one field a line, quotes only
// where they are needed.
func block(n *yaml.Node) {
	if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
		n.Style = 0
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		n.Tag, n.Style = "!!str", 0
	}
	for _, c := range n.Content {
		block(c)
	}
}
