// SPDX-License-Identifier: Apache-2.0

package envvars

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// TLS is what the variables of certificates ask for, those of the signal (TRACES
// or METRICS) before the common ones; nil without any.
func (l Lookup) TLS(signal string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if file, name := l.otlp(signal, "CERTIFICATE"); file != "" {
		c.RootCAs = x509.NewCertPool()
		if raw, err := os.ReadFile(file); err != nil || !c.RootCAs.AppendCertsFromPEM(raw) {
			return nil, fmt.Errorf("%s=%q: use a file with certificates, PEM", name, shownFile(file))
		}
	}
	cert, certName := l.otlp(signal, "CLIENT_CERTIFICATE")
	key, keyName := l.otlp(signal, "CLIENT_KEY")
	if cert != "" || key != "" {
		// The exporters ignore one that is alone.
		certName = cmp.Or(certName, strings.Replace(keyName, "KEY", "CERTIFICATE", 1))
		keyName = cmp.Or(keyName, strings.Replace(certName, "CLIENT_CERTIFICATE", "CLIENT_KEY", 1))
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			if file, ok := errors.AsType[*fs.PathError](err); ok {
				err = file.Err // the path may be a key
			}
			return nil, fmt.Errorf("%s=%q and %s=%q: use both or none, with files that belong together: %w", certName, shownFile(cert), keyName, shownFile(key), err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if c.RootCAs == nil && c.Certificates == nil {
		return nil, nil //nolint:nilnil // nothing is what was asked for
	}
	return c, nil
}
