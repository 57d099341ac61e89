package main

import (
	"errors"
	"time"
)

// ServeCmd runs the daemon.
type ServeCmd struct {
	SIP       []string      `name:"sip" env:"STROWGER_SIP" default:"udp://:5060,tcp://:5060" placeholder:"URL,…" help:"Listeners: udp, tcp, tls, ws, wss, an address each."`
	HTTP      string        `name:"http" env:"STROWGER_HTTP" default:"127.0.0.1:8080" placeholder:"ADDR" help:"Web, API, /metrics, /healthz, /readyz."`
	HTTPS     string        `name:"https" env:"STROWGER_HTTPS" placeholder:"ADDR" help:"The same over TLS."`
	Metrics   string        `name:"metrics" env:"STROWGER_METRICS" placeholder:"ADDR" help:"/metrics on its own listener as well."`
	RTPPorts  string        `name:"rtp-ports" env:"STROWGER_RTP_PORTS" default:"16384-32767" placeholder:"A-B" help:"Media ports."`
	Advertise string        `name:"advertise" env:"STROWGER_ADVERTISE" placeholder:"IP" help:"The address that peers beyond the local networks are shown."`
	TLSCert   string        `name:"tls-cert" env:"STROWGER_TLS_CERT" placeholder:"F" help:"Certificate; self-signed below --data without it."`
	TLSKey    string        `name:"tls-key" env:"STROWGER_TLS_KEY" placeholder:"F" help:"The certificate's key."`
	Drain     time.Duration `name:"drain" env:"STROWGER_DRAIN" default:"10m" placeholder:"DURATION" help:"How long live calls go on after SIGTERM."`
	LogLevel  string        `name:"log-level" env:"STROWGER_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
	LogFormat string        `name:"log-format" env:"STROWGER_LOG_FORMAT" default:"text" enum:"text,json" help:"text or json."`
	Demo      bool          `name:"demo" env:"STROWGER_DEMO" help:"On an empty store: users 101 and 102, an echo number and a printed how-to."`
}

// Run serves until the process is told to stop.
func (c *ServeCmd) Run(g *Globals) error {
	return errors.New("serve: not built in")
}
