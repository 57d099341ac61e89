// Command strowger is the exchange and everything that is done to it from a
// shell: one file per subcommand.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"strowger/store"
)

// Exit statuses, as the documentation promises them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// version is set when the program is built for release.
var version = "dev"

// Globals are the settings that every command has, and its surroundings.
type Globals struct {
	Data string `name:"data" env:"STROWGER_DATA" default:"./strowger-data" placeholder:"DIR" help:"Everything that strowger writes is below it."`

	Organization string `name:"organization" env:"STROWGER_ORGANIZATION" placeholder:"NAME" help:"The organization that a command is about, by id or name; the default one without it."`

	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

type cli struct {
	Globals

	Serve         ServeCmd         `cmd:"" help:"Run the daemon; all settings have defaults."`
	Token         tokenCmd         `cmd:"" help:"API tokens."`
	Admin         adminCmd         `cmd:"" help:"Web administrators."`
	Apply         applyCmd         `cmd:"" help:"Declare configuration, JSON or YAML, as one revision."`
	Import        importCmd        `cmd:"" help:"CSV import."`
	Export        exportCmd        `cmd:"" help:"CSV and configuration export."`
	Route         routeCmd         `cmd:"" help:"Say why and where a call would go."`
	Calls         callsCmd         `cmd:"" help:"Live calls; why a call went where it went."`
	Registrations registrationsCmd `cmd:"" help:"Who is registered, from where, until when."`
	Backup        backupCmd        `cmd:"" help:"Write a consistent copy of the store."`
	Restore       restoreCmd       `cmd:"" help:"Put a backup in the place of a stopped store."`
	Check         checkCmd         `cmd:"" help:"Verify the store, the recordings ledger and the configuration."`
	API           apiCmd           `cmd:"" name:"api" help:"Any API call, body on standard input."`
	Version       versionCmd       `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// exit is what a parser's wish to leave (after --help) is turned into.
type exit int

// run is the program without the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if p := recover(); p != nil {
			code, ok := p.(exit)
			if !ok {
				panic(p)
			}
			status = int(code)
		}
	}()
	c := cli{Globals: Globals{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr}}
	parser, err := kong.New(&c,
		kong.Name("strowger"),
		kong.Description("A telephone exchange in one program."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		panic(err) // a mistake in the struct above
	}
	todo, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "strowger: %v\n", err)
		return exitUsage
	}
	if err := todo.Run(&c.Globals); err != nil {
		fmt.Fprintf(stderr, "strowger: %s\n", sentence(err))
		var u usageError
		if errors.As(err, &u) {
			return exitUsage
		}
		return exitFailed
	}
	return exitDone
}

// sentence is an error for people: without the mark at its end by which
// programs tell what kind it is.
func sentence(err error) string {
	s := strings.TrimSpace(err.Error())
	for _, mark := range []error{store.ErrLocked, store.ErrDamaged, store.ErrNewer, store.ErrFull, store.ErrReadOnly, store.ErrInvalid, store.ErrNoKey} {
		if errors.Is(err, mark) {
			s = strings.TrimSuffix(s, ": "+mark.Error())
		}
	}
	return s
}

// usageError says that the command was used wrongly.
type usageError struct{ error }
