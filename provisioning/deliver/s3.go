package deliver

import (
	"context"
	"net/url"
	"path"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// toS3 puts one object, in one request: it is there as a whole or not at all.
func toS3(ctx context.Context, e *Engine, m *method, p *parcel) (string, error) {
	s := m.settings
	u, err := url.Parse(s["endpoint"])
	if err != nil {
		return "", permanent("endpoint: %v", err)
	}
	lookup := minio.BucketLookupAuto
	if s["path_style"] == "true" {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(s["access_key_id"], s["secret_access_key"], s["session_token"]), Secure: u.Scheme == "https",
		Transport: e.transport(m.org), Region: s["region"], BucketLookup: lookup, MaxRetries: 1,
	})
	if err != nil {
		return "", permanent("%v", err)
	}
	key := path.Join("/", s["prefix"], p.name)[1:]
	_, err = client.PutObject(ctx, s["bucket"], key, p.file, p.size, minio.PutObjectOptions{
		ContentType: "audio/wav", DisableMultipart: true, UserMetadata: map[string]string{"sha256": p.sha256},
	})
	return "s3://" + s["bucket"] + "/" + key, err
}
