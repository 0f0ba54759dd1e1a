// SPDX-License-Identifier: Apache-2.0

package genai

import (
	"reflect"

	"github.com/spanloom/spanloom/internal/providers"
)

// StoreTarget describes a vector store. Fields that could not be found are empty.
type StoreTarget struct {
	System, Collection string
	ServerAddress      string
	ServerPort         int
	// nameSpaceIsCollection is set if the name space of a call is a collection.
	nameSpaceIsCollection bool
	// collectionSet is set if the program has named the collection.
	collectionSet bool
}

// SetCollection sets the collection as the program names it.
func (t *StoreTarget) SetCollection(collection string) {
	t.Collection, t.collectionSet = collection, true
}

// Store describes a vector store: one of langchaingo's, one with methods System
// and Collection, or one that this library has wrapped.
func Store(s any) (t StoreTarget) {
	// The methods of a nil pointer may panic.
	defer func() { _ = recover() }()
	if w, ok := s.(interface{ StoreTarget() StoreTarget }); ok {
		return w.StoreTarget()
	}
	v := reflect.ValueOf(s)
	known := providers.Stores[packageOf(s)]
	t.System, t.nameSpaceIsCollection = known.System, known.NameSpaceIsCollection
	if known.Address != "" {
		where := location(field(v, known.Address))
		if scheme := text(field(v, "scheme")); scheme != "" && where != "" { // Weaviate's
			where = scheme + "://" + where
		}
		t.ServerAddress, t.ServerPort = endpoint(where, known.Port)
	}
	if known.Connection != "" && t.ServerAddress == "" {
		t.ServerAddress, t.ServerPort = pgxAddress(field(v, known.Connection))
	}
	if store, ok := s.(interface{ System() string }); ok {
		t.System = store.System()
		t.nameSpaceIsCollection = t.nameSpaceIsCollection || t.System == providers.Chromem
	}
	if store, ok := s.(interface{ Collection() string }); ok {
		t.Collection = store.Collection()
		return t
	}
	for _, f := range providers.CollectionFields {
		if c := text(field(v, f)); c != "" && f != known.NotCollection {
			t.Collection = c
			break
		}
	}
	return t
}

// pgxAddress reads the address out of a pgx.Conn or a pool of them.
func pgxAddress(conn reflect.Value) (string, int) {
	for _, path := range []string{"config", "config.ConnConfig"} {
		host, port := field(conn, path+".Host"), field(conn, path+".Port")
		if text(host) != "" && port.CanUint() {
			return text(host), int(port.Uint())
		}
	}
	return "", 0
}
