package main

import (
	"fmt"
	"net/http"
	"strings"

	"strowger/provisioning"
	"strowger/store"
)

type adminCmd struct {
	Create adminCreateCmd `cmd:"" help:"Create a web administrator."`
}

type adminCreateCmd struct {
	Login    string `required:"" placeholder:"L" help:"What the administrator signs in with."`
	Password string `placeholder:"P" help:"Made up and printed if absent."`
}

func (c *adminCreateCmd) Run(g *Globals) error {
	if strings.TrimSpace(c.Login) == "" {
		return usageError{fmt.Errorf("--login is empty")}
	}
	api, err := g.connect(true)
	if err != nil {
		return err
	}
	defer api.close()
	password := c.Password
	if password == "" {
		password = store.GeneratePassword()
	}
	body := map[string]any{"first_name": c.Login, "login": c.Login, "password": password, "role": "admin"}
	if strings.Contains(c.Login, "@") {
		body["email"] = c.Login
	}
	var user provisioning.UserView
	if err := api.call(g.ctx, http.MethodPost, "/users", nil, body, &user); err != nil {
		return err
	}
	fmt.Fprintf(g.stdout, "administrator %s created, user %s\n", user.Login, user.ID)
	if c.Password == "" {
		fmt.Fprintf(g.stdout, "password: %s\n", password)
	}
	return nil
}
