// Package store owns what the exchange is configured with and what it must
// remember: records and their validation, one immutable Snapshot per
// organization, the Directory that finds the organization, revisions, secrets,
// and the write path of bindings, call records and the recordings ledger. It
// leaves the bytes on disk to a Backend, the meaning of a record for a call to
// package routing, and who may change what to package provisioning.
package store
