package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"gopkg.in/yaml.v3"

	"strowger/provisioning/deliver"
	"strowger/sip"
	"strowger/store/storetest"
)

// described is a registry that remembers the names of what is registered, also
// of what has no sample yet.
type described struct {
	*prometheus.Registry
	names []string
}

var fqName = regexp.MustCompile(`fqName: "([^"]+)"`)

func (d *described) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc, 100)
	go func() { c.Describe(ch); close(ch) }()
	for desc := range ch {
		d.names = append(d.names, fqName.FindStringSubmatch(desc.String())[1])
	}
	return d.Registry.Register(c)
}

func (d *described) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		if err := d.Register(c); err != nil {
			panic(err)
		}
	}
}

// metricNames are those that a running exchange has.
func metricNames(t *testing.T) []string {
	t.Helper()
	d := &described{Registry: prometheus.NewRegistry()}
	st := storetest.New(t)
	outbox := deliver.Start(deliver.Options{Store: st, Data: t.TempDir(), Metrics: d, Log: slog.New(slog.DiscardHandler)})
	defer outbox.Close()
	s, err := sip.Start(t.Context(), sip.Options{
		Store: st, Listen: []string{"udp://127.0.0.1:0"}, RTPMin: 37000, RTPMax: 37099, DataDir: t.TempDir(), Metrics: d, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return append(d.names, "strowger_build_info") // serve's own
}

var named = regexp.MustCompile(`strowger_[a-z_]+`)

// unknown are the metrics in a query that no exchange has.
func unknown(query string, names []string) (list []string) {
	for _, name := range named.FindAllString(query, -1) {
		base := name
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if b, ok := strings.CutSuffix(name, suffix); ok && slices.Contains(names, b) {
				base = b
			}
		}
		if !slices.Contains(names, base) {
			list = append(list, name)
		}
	}
	return list
}

func TestDashboard(t *testing.T) {
	names := metricNames(t)
	var out bytes.Buffer
	if err := (&exportDashboardCmd{}).Run(&Globals{stdout: &out}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
			GridPos struct{ X, Y, W, H int }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]string{}
	shown := map[string]bool{}
	for _, p := range got.Panels {
		for _, target := range p.Targets {
			if list := unknown(target.Expr, names); len(list) > 0 {
				t.Errorf("%s asks for %v", p.Title, list)
			}
			if strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") {
				t.Errorf("%s: parentheses of %s", p.Title, target.Expr)
			}
			for _, name := range named.FindAllString(target.Expr, -1) {
				shown[name] = true
			}
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %s or beyond the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	if len(got.Panels) != len(panels) || len(shown) < 12 {
		t.Errorf("%d panels show %d metrics", len(got.Panels), len(shown))
	}
}

func TestAlerts(t *testing.T) {
	names := metricNames(t)
	var out bytes.Buffer
	if err := (&exportAlertsCmd{}).Run(&Globals{stdout: &out}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      struct{ Severity string }
				Annotations struct{ Summary string }
			}
		}
	}
	d := yaml.NewDecoder(&out)
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	asked := ""
	for _, r := range got.Groups[0].Rules {
		asked += r.Expr
		if list := unknown(r.Expr, names); len(list) > 0 {
			t.Errorf("%s asks for %v", r.Alert, list)
		}
		if s := r.Labels.Severity; s != "critical" && s != "warning" || r.Annotations.Summary == "" {
			t.Errorf("%s: severity %q, summary %q", r.Alert, s, r.Annotations.Summary)
		}
	}
	// What calls itself an alarm has one.
	for _, name := range names {
		if (strings.HasPrefix(name, "strowger_recordings_") || strings.HasPrefix(name, "strowger_recording_")) &&
			name != "strowger_recordings_total" && name != "strowger_recordings_interrupted_total" && !strings.Contains(asked, name) {
			t.Errorf("nothing alarms of %s", name)
		}
	}
}
