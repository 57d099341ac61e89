package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"strowger/cmd/strowger/demo"
	"strowger/provisioning"
	"strowger/provisioning/api"
	"strowger/provisioning/deliver"
	"strowger/provisioning/phone"
	"strowger/provisioning/web"
	"strowger/sip"
	"strowger/store"
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
	DeviceCA  string        `name:"device-ca" env:"STROWGER_DEVICE_CA" placeholder:"F" help:"Certificates of phone makers' authorities, PEM: --https asks phones for a certificate of theirs."`
	Drain     time.Duration `name:"drain" env:"STROWGER_DRAIN" default:"10m" placeholder:"DURATION" help:"How long live calls go on after SIGTERM."`
	LogLevel  string        `name:"log-level" env:"STROWGER_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
	LogFormat string        `name:"log-format" env:"STROWGER_LOG_FORMAT" default:"text" enum:"text,json" help:"text or json."`
	Plain     bool          `name:"plain-provisioning" env:"STROWGER_PLAIN_PROVISIONING" help:"Give phones their configuration over --http from other machines too: who reads along has their passwords."`
	Demo      bool          `name:"demo" env:"STROWGER_DEMO" help:"On an empty store: users 101 and 102, an echo number and a printed how-to."`
}

// daemonParts is the running program, its parts in the order in which they start.
type daemonParts struct {
	log      *slog.Logger
	data     *dataDir
	store    *store.Store
	exchange *sip.Server
	outbox   *deliver.Engine
	carrier  *demo.Carrier
	pair     *keyPair                // of --https; nil without it
	phones   *provisioning.DeviceCAs // of --device-ca; nil without it
	phonesCA string
	servers  []*http.Server
	address  string // of the web for a browser on this machine, such as http://127.0.0.1:8080
	unsocket func() // removes admin.sock
}

// Run serves until the process is told to stop: SIGTERM drains, a second
// signal ends at once. SIGHUP reads the certificate and the phone makers' again.
func (c *ServeCmd) Run(g *Globals) error {
	// From the first moment to the last: unheard it would end the process.
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	defer signal.Stop(hangUp)
	log, lines := c.logger(g.stderr)
	defer lines.Flush()
	rtpMin, rtpMax, err := portRange(c.RTPPorts)
	if err != nil {
		return usageError{err}
	}
	var advertise netip.Addr
	if c.Advertise != "" {
		if advertise, err = netip.ParseAddr(c.Advertise); err != nil {
			return usageError{fmt.Errorf("--advertise: %q is not an IP address", c.Advertise)}
		}
	}
	phones, err := c.deviceCAs()
	if err != nil {
		return err
	}
	tuneCollector()
	go tidy(g.ctx)
	d := &daemonParts{log: log, phones: phones, phonesCA: c.DeviceCA}
	defer d.close()
	if d.data, err = openData(g.ctx, g.Data, log); err != nil {
		return err
	}
	d.store = d.data.store
	var demoSite *demo.Site
	if c.Demo {
		if demoSite, err = demo.Prepare(g.ctx, d.store, provisioning.HashPassword); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}

	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "strowger_build_info", Help: "1, with what is running."}, []string{"version", "go"})
	info.WithLabelValues(version, runtime.Version()).Set(1)
	registry.MustRegister(info)

	if err := provisioning.FinishRemovals(g.ctx, d.store, g.Data, log); err != nil {
		log.Error("files of what was deleted are there still; it is tried again", "err", err)
	}
	if d.exchange, err = sip.Start(g.ctx, sip.Options{
		Store: d.store, Listen: c.SIP, Advertise: advertise, RTPMin: rtpMin, RTPMax: rtpMax, DataDir: g.Data,
		Product: "strowger/" + version, Log: log, Metrics: registry,
	}); err != nil {
		return err
	}
	d.outbox = deliver.Start(deliver.Options{Store: d.store, Data: g.Data, Log: log, Metrics: registry})
	var ready atomic.Bool
	service := d.data.service(provisioning.Options{Live: d.exchange, Sender: d.outbox, Listen: c.SIP, DeviceCAs: d.phones, Log: log})
	answers := api.New(service, api.Options{
		Version: version, Log: log, Web: web.Handler(), Metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		Phones: phone.New(service, phone.Options{Plain: c.Plain, Log: log}), HTTP: c.HTTP, HTTPS: c.HTTPS,
		Ready: func() error {
			if !ready.Load() || d.exchange.Draining() {
				return errors.New("draining")
			}
			return nil
		},
	})
	if err := d.listen(c, g, answers, registry); err != nil {
		return err
	}
	if demoSite != nil {
		if d.carrier, err = demo.StartCarrier(demoSite, c.SIP, log); err != nil {
			log.Warn("the demo's carrier could not be started: calls inside work, calls outside do not", "err", err)
		}
		fmt.Fprint(g.stdout, demoSite.HowTo(c.SIP, c.HTTP, d.carrier != nil))
	}
	if key, needed := service.SetUpKey(); needed && d.address != "" {
		fmt.Fprintf(g.stdout, "\n  Nobody can sign in yet. Set the exchange up with this link, which is good once and until it stops:\n\n    %s/setup#%s\n\n", d.address, key)
	}
	background, stopBackground := context.WithCancel(context.WithoutCancel(g.ctx)) // while live calls go on, too
	var busy sync.WaitGroup
	busy.Go(func() { service.KeepRetention(background) })
	defer busy.Wait()
	defer stopBackground()
	ready.Store(true)
	busy.Go(func() { service.PrepareLists(background) })
	daemon.SdNotify(false, daemon.SdNotifyReady)
	watchdog := startWatchdog()
	defer watchdog()
	log.Info("ready", "version", version, "data", g.Data)

	for g.ctx.Err() == nil {
		select {
		case <-hangUp:
			d.reread()
		case <-g.ctx.Done():
		}
	}
	log.Info("stopping: new calls are refused, live ones go on", "calls", len(d.exchange.ActiveCalls("default")), "drain", c.Drain)
	daemon.SdNotify(false, daemon.SdNotifyStopping)
	again, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d.exchange.Drain(again, c.Drain)
	return nil
}

// reread is what SIGHUP asks for.
func (d *daemonParts) reread() {
	if d.pair == nil {
		d.log.Info("SIGHUP: without --https there is no certificate to read again")
		return
	}
	if err := d.pair.reread(); err != nil {
		d.log.Error("SIGHUP: the old certificate stays", "err", err)
	} else {
		d.log.Info("SIGHUP: the certificate was read again", "file", d.pair.certFile)
	}
	if d.phones == nil {
		return
	}
	data, err := os.ReadFile(d.phonesCA)
	if err == nil {
		err = d.phones.Replace(data)
	}
	if err != nil {
		d.log.Error("SIGHUP: the phone makers' old certificates stay", "file", d.phonesCA, "err", err)
	} else {
		d.log.Info("SIGHUP: the phone makers' certificates were read again", "file", d.phonesCA)
	}
}

// close stops the parts in the reverse order of their start.
func (d *daemonParts) close() {
	if d.carrier != nil {
		d.carrier.Close()
	}
	if d.exchange != nil {
		if err := d.exchange.Close(); err != nil {
			d.log.Error("stopping the exchange", "err", err)
		}
	}
	if d.outbox != nil {
		d.outbox.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, s := range d.servers {
		if s.Shutdown(ctx) != nil {
			s.Close()
		}
	}
	if d.unsocket != nil {
		d.unsocket()
	}
	if d.data != nil {
		if err := d.data.Close(); err != nil {
			d.log.Error("closing the store", "err", err)
		}
	}
}

// listen opens every HTTP listener.
func (d *daemonParts) listen(c *ServeCmd, g *Globals, answers *api.API, registry *prometheus.Registry) error {
	serve := func(ln net.Listener, h http.Handler) {
		s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
			ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug)}
		d.servers = append(d.servers, s)
		go func() {
			if err := s.Serve(ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
				d.log.Error("http", "address", ln.Addr().String(), "err", err)
			}
		}()
	}
	if c.HTTP != "" {
		ln, err := net.Listen("tcp", c.HTTP)
		if err != nil {
			return fmt.Errorf("--http: %w", err)
		}
		serve(ln, answers.Handler())
		d.address = "http://" + reachable(ln.Addr())
	}
	if c.HTTPS != "" {
		var err error
		if d.pair, err = openKeyPair(c.TLSCert, c.TLSKey, filepath.Join(g.Data, "tls"), d.log); err != nil {
			return fmt.Errorf("--https: %w", err)
		}
		config := d.pair.config()
		if d.phones != nil {
			d.phones.Ask(config)
		}
		ln, err := tls.Listen("tcp", c.HTTPS, config)
		if err != nil {
			return fmt.Errorf("--https: %w", err)
		}
		serve(ln, answers.Handler())
		if d.address == "" {
			d.address = "https://" + reachable(ln.Addr())
		}
	}
	if c.Metrics != "" {
		ln, err := net.Listen("tcp", c.Metrics)
		if err != nil {
			return fmt.Errorf("--metrics: %w", err)
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
		serve(ln, mux)
	}
	path, done, err := socketPath(g.Data)
	if err != nil {
		return fmt.Errorf("admin.sock: %w", err)
	}
	os.Remove(path) // of a run that was killed; the store's lock says that none is alive
	old := syscall.Umask(0o177)
	ln, err := net.Listen("unix", path)
	syscall.Umask(old)
	d.unsocket = func() { os.Remove(path); done() }
	if err != nil {
		return fmt.Errorf("admin.sock: %w", err)
	}
	serve(ln, answers.Local("operator"))
	return nil
}

// deviceCAs reads --device-ca; nil: there is none.
func (c *ServeCmd) deviceCAs() (*provisioning.DeviceCAs, error) {
	if c.DeviceCA == "" {
		return nil, nil
	}
	if c.HTTPS == "" {
		return nil, usageError{errors.New("--device-ca: only --https can ask phones for a certificate")}
	}
	data, err := os.ReadFile(c.DeviceCA)
	if err != nil {
		return nil, fmt.Errorf("--device-ca: %w", err)
	}
	cas, err := provisioning.ParseDeviceCAs(data)
	if err != nil {
		return nil, fmt.Errorf("--device-ca: %s: %w", c.DeviceCA, err)
	}
	return cas, nil
}

// reachable is a listener's address for this machine, where it may have none.
func reachable(addr net.Addr) string {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil || !at.Addr().IsUnspecified() {
		return addr.String()
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
}

// portRange reads A-B.
func portRange(s string) (low, high int, err error) {
	a, b, ok := strings.Cut(s, "-")
	if ok {
		low, err = strconv.Atoi(strings.TrimSpace(a))
		if err == nil {
			high, err = strconv.Atoi(strings.TrimSpace(b))
		}
	}
	if !ok || err != nil || low < 1024 || high > 65535 || high-low < 3 {
		return 0, 0, fmt.Errorf("--rtp-ports: %q is not a range like 16384-32767", s)
	}
	return low, high, nil
}

// startWatchdog tells systemd that we live, if it asked to be told.
func startWatchdog() (stop func()) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return func() {}
	}
	t := time.NewTicker(every / 2)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-t.C:
				daemon.SdNotify(false, daemon.SdNotifyWatchdog)
			}
		}
	}()
	return func() { t.Stop(); close(done) }
}
