package api

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
)

// openIDCookie binds a sign-in by a provider to the browser that began it. What
// comes after the dot is what waits for a code, if one is due.
const openIDCookie = "strowger_openid"

// openIDPage is the page that a browser lands on.
const openIDPage = "/"

// addOpenID makes what signs in with an OpenID provider.
func (a *API) addOpenID() {
	tag := "sessions"
	button := reflect.TypeFor[provisioning.OpenIDButton]()
	organization := queryParam("organization", "The id or the name of the organization; the one of this address if absent.", text())
	browser := []int{http.StatusTooManyRequests}
	a.add(operation{
		method: http.MethodGet, path: "/session/openid", id: "list-openid-providers", tag: tag,
		summary: "List the OpenID providers of the sign-in page",
		params:  []*huma.Param{organization}, result: a.listOf(button, "providers"),
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request, "organization"); err != nil {
				return nil, err
			}
			page := provisioning.Page{Items: []any{}}
			for _, b := range a.svc.OpenIDButtons(r.URL.Query().Get("organization"), a.clientOf(r)) {
				page.Items = append(page.Items, &b)
			}
			return listAnswer(r, "providers", button, page)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/session/openid/start", id: "start-openid", tag: tag, summary: "Go to an organization's OpenID provider",
		text:   "For a browser: it is led to the provider, or back to the sign-in page with `openid` saying why not.",
		params: []*huma.Param{organization, queryParam("here", "Begin at this name though the provider leads back to another.", flag())},
		status: http.StatusSeeOther, errors: browser,
		run: func(r *request) (*answer, error) {
			here, err := flagParam(r.Request, "here")
			if err != nil {
				return nil, err
			}
			named := r.URL.Query().Get("organization")
			to, browser, err := a.svc.BeginOpenID(r.Context(), named, here, a.clientOf(r))
			if err != nil {
				return backToSignIn(err)
			}
			ans := (&answer{}).set("Location", to)
			if browser != "" {
				ans.set("Set-Cookie", openIDBinding(r, browser).String())
			}
			return ans, nil
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/session/openid/callback", id: "finish-openid", tag: tag, summary: "Come back from an OpenID provider",
		text: "For a browser: it is led to the pages, signed in, or with `openid` saying why not; `openid=code` is when a code of the authenticator app is due.",
		params: []*huma.Param{queryParam("state", "As it was sent.", text()), queryParam("code", "The authorization code.", text()),
			queryParam("iss", "Who answers (RFC 9207).", text()), queryParam("error", "Why there is no code.", text()),
			queryParam("error_description", "More of that.", text())},
		status: http.StatusSeeOther,
		run: func(r *request) (*answer, error) {
			q := r.URL.Query()
			bound, _ := boundBrowser(r)
			in, text, pending, err := a.svc.FinishOpenID(r.Context(), provisioning.OpenIDAnswer{
				State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error"), Description: q.Get("error_description"), Browser: bound,
			}, a.clientOf(r))
			switch {
			case err != nil:
				return backToSignIn(err)
			case pending != "":
				to := openIDPage + "?" + url.Values{"openid": {"code"}}.Encode()
				return (&answer{}).set("Location", to).set("Set-Cookie", openIDBinding(r, bound+"."+pending).String()), nil
			}
			a.endReplaced(r, in)
			ans := (&answer{}).set("Location", openIDPage)
			ans.header["Set-Cookie"] = []string{openIDBinding(r, "").String(), cookie(r, text).String()}
			return ans, nil
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/session/openid", id: "finish-openid-code", tag: tag, summary: "Sign in with the code that was due after an OpenID provider",
		body: reflect.TypeFor[provisioning.OpenIDCode](), result: reflect.TypeFor[provisioning.SessionView](),
		errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var c provisioning.OpenIDCode
			if err := provisioning.Decode(r.raw, &c); err != nil {
				return nil, err
			}
			bound, pending := boundBrowser(r)
			in, text, err := a.svc.FinishOpenIDCode(r.Context(), pending, bound, c.Code, a.clientOf(r))
			if err != nil {
				return nil, err
			}
			a.endReplaced(r, in)
			ans, err := a.signedIn(r, in, text)
			if err == nil {
				ans.header["Set-Cookie"] = append([]string{openIDBinding(r, "").String()}, ans.header["Set-Cookie"]...)
			}
			return ans, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/organizations/{id}/openid/test", id: "test-openid", tag: "organizations",
		summary: "Try whether the OpenID provider answers as one", reach: forAdmin, result: reflect.TypeFor[provisioning.Trial](),
		run: func(r *request) (*answer, error) {
			t, err := a.svc.TryOpenID(r.Context(), r.who, r.PathValue("id"))
			return &answer{body: t}, err
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/users/{id}/openid", id: "unlink-user-openid", tag: "users",
		summary: "Have a user be another account at the OpenID provider", text: "The next sign-in that matches the user says which.",
		reach: forAdmin, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			return nil, a.svc.UnlinkOpenID(r.Context(), r.org, r.PathValue("id"), a.clientOf(r), "by "+r.who.Name)
		},
	})
}

// backToSignIn leads a browser to the sign-in page, which has the words for why
// nobody was signed in.
func backToSignIn(err error) (*answer, error) {
	var why *provisioning.OpenIDError
	if !errors.As(err, &why) {
		return nil, err
	}
	q := url.Values{"openid": {why.Reason}}
	if why.Organization != "" {
		q.Set("organization", why.Organization)
	}
	return (&answer{}).set("Location", openIDPage+"?"+q.Encode()), nil
}

// boundBrowser is what the cookie of a sign-in by a provider holds.
func boundBrowser(r *request) (browser, pending string) {
	c, err := r.Cookie(openIDCookie)
	if err != nil {
		return "", ""
	}
	browser, pending, _ = strings.Cut(c.Value, ".")
	return browser, pending
}

// openIDBinding is that cookie; without a value it is taken back.
func openIDBinding(r *request, value string) *http.Cookie {
	c := cookie(r, value)
	c.Name, c.Path = openIDCookie, provisioning.OpenIDPath
	if value != "" {
		c.MaxAge = int(provisioning.OpenIDLife.Seconds())
	}
	return c
}
