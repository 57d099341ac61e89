package main

import (
	"fmt"
	"net/http"
	"time"

	"strowger/provisioning"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Print a new API token."`
}

type tokenCreateCmd struct {
	Role    string        `enum:"operator,admin,user" default:"operator" help:"operator: every organization; admin: one; user: one user's own part."`
	User    string        `placeholder:"ID" help:"The user of a token of role user."`
	Label   string        `help:"What the token is for; revisions name it."`
	Expires time.Duration `placeholder:"DURATION" help:"How long it is good for; without it, until it is deleted."`
	JSON    bool          `name:"json" help:"Print the whole record."`
}

func (c *tokenCreateCmd) Run(g *Globals) error {
	if (c.Role == "user") != (c.User != "") {
		return usageError{fmt.Errorf("--role user and --user ID go together")}
	}
	api, err := g.connect(true)
	if err != nil {
		return err
	}
	defer api.close()
	body := map[string]any{"role": c.Role, "label": c.Label}
	if c.User != "" {
		body["user_id"] = c.User
	}
	if c.Expires != 0 {
		body["expires_at"] = time.Now().Add(c.Expires).UTC().Format(time.RFC3339)
	}
	var token provisioning.TokenView
	if err := api.call(g.ctx, http.MethodPost, "/tokens", nil, body, &token); err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(token)
	}
	fmt.Fprintln(g.stdout, token.Text)
	return nil
}
