package deliver

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// toSFTP writes beside the file's name and renames: what is there under the name
// is whole.
func toSFTP(ctx context.Context, e *Engine, m *method, p *parcel) (where string, err error) {
	address := net.JoinHostPort(m.settings["host"], cmp.Or(m.settings["port"], "22"))
	config, err := e.sshConfig(ctx, m, address)
	if err != nil {
		return "", err
	}
	conn, err := e.dial(ctx, m.org, "tcp", address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	c, channels, requests, err := ssh.NewClientConn(conn, address, config)
	if err != nil {
		return "", err
	}
	client := ssh.NewClient(c, channels, requests)
	defer client.Close() // and with it the session, which a server may be slow to end
	files, err := sftp.NewClient(client)
	if err != nil {
		return "", fmt.Errorf("sftp: %w", err)
	}
	name := path.Join(m.settings["path"], p.name)
	if err := files.MkdirAll(path.Dir(name)); err != nil {
		return "", fmt.Errorf("make the folder %s: %w", path.Dir(name), err)
	}
	part := name + ".part"
	f, err := files.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return "", fmt.Errorf("make the file %s: %w", part, err)
	}
	n, err := f.ReadFrom(contextReader{ctx, p.file})
	if err = errors.Join(err, f.Close()); err == nil && n != p.size {
		err = fmt.Errorf("wrote %d bytes of %d", n, p.size)
	}
	if err != nil {
		files.Remove(part)
		return "", fmt.Errorf("write the file %s: %w", part, err)
	}
	if err := files.PosixRename(part, name); err != nil {
		// A server without that extension renames onto nothing that is there.
		files.Remove(name)
		if err := files.Rename(part, name); err != nil {
			return "", fmt.Errorf("rename to %s: %w", name, err)
		}
	}
	return "sftp://" + address + "/" + strings.TrimPrefix(name, "/"), nil
}

func (e *Engine) sshConfig(ctx context.Context, m *method, address string) (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{
		User: m.settings["username"], Timeout: dialTimeout,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error { return e.hostKey(ctx, m, address, key) },
	}
	if text := m.settings["private_key"]; text != "" {
		signer, err := ssh.ParsePrivateKey([]byte(text))
		if phrase := m.settings["passphrase"]; phrase != "" {
			signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(phrase))
		}
		if err != nil {
			return nil, permanent("settings.private_key cannot be read: %v", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if password := m.settings["password"]; password != "" {
		config.Auth = append(config.Auth, ssh.Password(password),
			ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for i := range answers {
					answers[i] = password
				}
				return answers, nil
			}))
	}
	if len(config.Auth) == 0 {
		return nil, permanent("settings.password or settings.private_key is missing")
	}
	return config, nil
}

// hostKey believes a server whose key is the configured one. Where none is
// configured it believes the first that it meets, and from then on that one.
func (e *Engine) hostKey(ctx context.Context, m *method, address string, key ssh.PublicKey) error {
	shown := ssh.FingerprintSHA256(key)
	if pinned := m.settings["host_key"]; pinned != "" {
		if pinned == shown {
			return nil
		}
		if want, _, _, _, err := ssh.ParseAuthorizedKey([]byte(pinned)); err == nil && bytes.Equal(want.Marshal(), key.Marshal()) {
			return nil
		}
		return fmt.Errorf("the server's host key is %s, not the one in settings.host_key", shown)
	}
	known, err := e.st.HostKey(ctx, m.org, m.id, address)
	switch {
	case err != nil:
		return err
	case known == nil:
		e.log.Info("the host key of a delivery method's server is believed from now on", "method", m.id, "address", address, "key", shown)
		return e.st.KeepHostKey(ctx, m.org, m.id, address, key.Marshal())
	case bytes.Equal(known, key.Marshal()):
		return nil
	}
	return fmt.Errorf("the server's host key has changed to %s: if that is right, set settings.host_key to it", shown)
}
