package deliver

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// refused turns an answer that is no success into an error, with the first words
// of what the server says. It closes the body.
func refused(doing string, r *http.Response) error {
	defer r.Body.Close()
	says, _ := io.ReadAll(io.LimitReader(r.Body, 300))
	if r.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("%s: the server answers %s", doing, r.Status)
	if text := strings.TrimSpace(string(says)); text != "" && !strings.HasPrefix(text, "<") {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return err
}
