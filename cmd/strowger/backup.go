package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"strowger/provisioning"
	"strowger/store/bolt"
)

type backupCmd struct {
	File string `arg:"" placeholder:"F" help:"Where the copy goes; - for standard output."`
}

func (c *backupCmd) Run(g *Globals) error {
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	res, err := api.send(g.ctx, http.MethodGet, "/backup", nil, "", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := failure(res); err != nil {
		return err
	}
	if c.File == "-" {
		_, err := io.Copy(g.stdout, res.Body)
		return err
	}
	n, err := writeWhole(c.File, res.Body)
	if err != nil {
		return fmt.Errorf("%s was not written: %w", c.File, err)
	}
	fmt.Fprintf(g.stdout, "%s: %d bytes. Passwords in it are sealed under %s, which is not in it: keep a copy of that elsewhere.\n",
		c.File, n, filepath.Join(g.Data, keyFile))
	return nil
}

// writeWhole makes a file that is whole or not there.
func writeWhole(path string, r io.Reader) (int64, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name()) // gone already if all went well
	n, err := io.Copy(f, r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return n, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return n, err
	}
	return n, syncDir(filepath.Dir(path))
}

type restoreCmd struct {
	File string `arg:"" placeholder:"F" help:"What strowger backup wrote."`
}

func (c *restoreCmd) Run(g *Globals) error {
	running, err := g.dial()
	if err != nil {
		return err
	}
	if running != nil {
		running.close()
		return fmt.Errorf("the daemon of %s is running; stop it first", g.Data)
	}
	if err := bolt.Restore(g.ctx, filepath.Join(g.Data, dbFile), c.File); err != nil {
		return err
	}
	// Opening it proves that the daemon will.
	api, err := g.connect(false)
	if err != nil {
		return fmt.Errorf("the backup is in place, but does not open: %w", err)
	}
	defer api.close()
	fmt.Fprintf(g.stdout, "%s is in place\n", c.File)
	return nil
}

type checkCmd struct {
	JSON bool `name:"json" help:"Print the report as JSON."`
}

func (c *checkCmd) Run(g *Globals) error {
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	var report provisioning.CheckReport
	if err := api.call(g.ctx, http.MethodGet, "/check", nil, nil, &report); err != nil {
		return err
	}
	if c.JSON {
		if err := g.printJSON(report); err != nil {
			return err
		}
	} else {
		for _, p := range report.Problems {
			fmt.Fprintf(g.stdout, "%s: %s\n", printable(p.Where), printable(p.What))
		}
		fmt.Fprintf(g.stdout, "%d organizations, %d records, %d recordings, %d voicemails, %d sounds: %d problems\n",
			report.Organizations, report.Records, report.Recordings, report.Voicemails, report.Sounds, len(report.Problems))
	}
	if len(report.Problems) > 0 {
		return fmt.Errorf("%s is not in order", g.Data)
	}
	return nil
}
