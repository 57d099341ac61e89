package main

import (
	_ "embed"
	"encoding/json"
	"io"
	"strings"
)

type exportDashboardCmd struct{}

// Run prints a dashboard that Grafana imports. It needs no store.
func (c *exportDashboardCmd) Run(g *Globals) error {
	e := json.NewEncoder(g.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(dashboard())
}

//go:embed alerts.yaml
var alerts string

type exportAlertsCmd struct{}

// Run prints alert rules in the form of Prometheus. It needs no store.
func (c *exportAlertsCmd) Run(g *Globals) error {
	_, err := io.WriteString(g.stdout, alerts)
	return err
}

// A panel is one picture of the dashboard: a query for each line, with its
// legend after a "|".
type panel struct {
	title, help string
	kind        string // of Grafana; empty: timeseries
	unit        string // of Grafana; empty: a number
	width       int    // of 24
	queries     []string
}

// panels are read from the top left: is it well, what does it do, how does it
// sound, is anything lost, what does it cost.
var panels = []panel{
	{title: "Calls now", kind: "stat", width: 4, queries: []string{`sum(strowger_calls_active{$job})`}},
	{title: "Phones registered", kind: "stat", width: 4, queries: []string{`sum(strowger_registrations{$job})`}},
	{title: "Carriers down", kind: "stat", width: 4, queries: []string{`count(strowger_trunk_up{$job} == 0) or vector(0)`}, help: "A carrier that is down is asked last. See the log for why."},
	{title: "Recordings lost", kind: "stat", width: 4, queries: []string{`sum(strowger_recordings_missing{$job}) + sum(strowger_recordings_truncated{$job})`}, help: "Due and not to be had, or with a gap. See `strowger check`."},
	{title: "Sources banned", kind: "stat", width: 4, queries: []string{`sum(strowger_bans_active{$job})`}},
	{title: "Version", kind: "stat", width: 4, queries: []string{`strowger_build_info{$job}|{{version}}`}},

	{title: "Calls", width: 12, queries: []string{`sum by (direction) (strowger_calls_active{$job})|{{direction}}`}},
	{title: "Calls that ended, a minute", width: 12, queries: []string{`sum by (outcome) (rate(strowger_calls_total{$job}[$__rate_interval])) * 60|{{outcome}}`}},

	{title: "Time to ring", width: 8, unit: "s", help: "From the INVITE that came in to the first that went out.", queries: []string{
		`histogram_quantile(0.5, sum by (le) (rate(strowger_call_setup_seconds_bucket{$job}[$__rate_interval])))|half`,
		`histogram_quantile(0.99, sum by (le) (rate(strowger_call_setup_seconds_bucket{$job}[$__rate_interval])))|99 of 100`,
	}},
	{title: "How calls sound", width: 8, help: "Mean opinion score, 1 to 4.5, of the worst tenth and of half of the legs.", queries: []string{
		`histogram_quantile(0.1, sum by (le) (rate(strowger_call_mos_bucket{$job}[$__rate_interval])))|worst tenth`,
		`histogram_quantile(0.5, sum by (le) (rate(strowger_call_mos_bucket{$job}[$__rate_interval])))|half`,
	}},
	{title: "RTP packets lost before they came here", width: 8, unit: "percentunit", queries: []string{
		`sum(rate(strowger_rtp_lost_packets_total{$job}[$__rate_interval])) / (sum(rate(strowger_rtp_packets_total{$job, direction="in"}[$__rate_interval])) + sum(rate(strowger_rtp_lost_packets_total{$job}[$__rate_interval])))|lost`,
	}},

	{title: "Registrations", width: 8, queries: []string{`sum by (transport) (strowger_registrations{$job})|{{transport}}`}},
	{title: "REGISTER requests, a second", width: 8, queries: []string{`sum by (result) (rate(strowger_register_requests_total{$job}[$__rate_interval]))|{{result}}`}},
	{title: "Carriers", width: 8, help: "1: it takes calls.", queries: []string{`strowger_trunk_up{$job}|{{trunk}}`}},

	{title: "Recordings and voicemails, an hour", width: 8, queries: []string{`sum by (state) (increase(strowger_recordings_total{$job}[1h]))|{{state}}`}},
	{title: "What waits", width: 8, help: "Recordings for their rendering; recordings and mails for the way out.", queries: []string{
		`sum(strowger_recording_queue{$job})|to be rendered`,
		`sum(strowger_delivery_queue{$job})|to be sent`,
	}},
	{title: "SIP errors sent, a second", width: 8, queries: []string{`sum by (method, code) (rate(strowger_sip_responses_total{$job, code=~"[56].."}[$__rate_interval]))|{{method}} {{code}}`}},

	{title: "SIP requests, a second", width: 8, queries: []string{`sum by (method) (rate(strowger_sip_requests_total{$job}[$__rate_interval]))|{{method}}`}},
	{title: "Thrown away unread, a second", width: 8, queries: []string{`sum by (reason) (rate(strowger_sip_dropped_total{$job}[$__rate_interval]))|{{reason}}`}},
	{title: "CPU and memory", width: 8, help: "Cores in use; memory in GiB.", queries: []string{
		`rate(process_cpu_seconds_total{$job}[$__rate_interval])|cores`,
		`process_resident_memory_bytes{$job} / 1073741824|GiB`,
	}},
}

// dashboard is Grafana's JSON model, for import under any data source of
// Prometheus and any name of the job.
func dashboard() map[string]any {
	type object = map[string]any
	var list []object
	x, y, height := 0, 0, 0
	for i, p := range panels {
		if x+p.width > 24 {
			x, y = 0, y+height
		}
		kind, h := p.kind, 4
		if kind == "" {
			kind, h = "timeseries", 8
		}
		height = h
		var targets []object
		for n, q := range p.queries {
			expr, legend, _ := strings.Cut(q, "|")
			targets = append(targets, object{
				"refId": string(rune('A' + n)), "expr": strings.ReplaceAll(expr, "$job", `job=~"$job"`), "legendFormat": legend,
				"datasource": object{"type": "prometheus", "uid": "${source}"},
			})
		}
		options := object{"legend": object{"displayMode": "list", "placement": "bottom"}, "tooltip": object{"mode": "multi"}}
		if kind == "stat" {
			options = object{"reduceOptions": object{"calcs": []string{"lastNotNull"}}, "textMode": "value", "colorMode": "none"}
			if strings.Contains(p.queries[0], "|") {
				options["textMode"] = "name"
			}
		}
		list = append(list, object{
			"id": i + 1, "type": kind, "title": p.title, "description": p.help, "targets": targets, "options": options,
			"datasource":  object{"type": "prometheus", "uid": "${source}"},
			"gridPos":     object{"x": x, "y": y, "w": p.width, "h": h},
			"fieldConfig": object{"defaults": object{"unit": p.unit, "min": 0}, "overrides": []any{}},
		})
		x += p.width
	}
	return object{
		"title": "strowger", "uid": "strowger", "schemaVersion": 39, "editable": true, "tags": []string{"sip"},
		"time": object{"from": "now-6h", "to": "now"}, "refresh": "30s", "panels": list,
		"templating": object{"list": []object{
			{"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
			{"name": "job", "type": "query", "label": "Job", "includeAll": true, "multi": true, "current": object{"text": "All", "value": "$__all"},
				"datasource": object{"type": "prometheus", "uid": "${source}"}, "query": "label_values(strowger_build_info, job)", "refresh": 1},
		}},
	}
}
